/** What the chat is told before its page is ready. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Held } from "../../src/chat/held";
import type { Attached, ToView } from "../../src/chat/messages";

const context: Attached["context"] = {
  kind: "selection",
  path: "app.py",
  text: "x = 1",
  first_line: 1,
  last_line: 1,
  name: "",
  note: "",
  sources: [],
};

test("a selection and words that come before there is a page are handed over when there is one, and once", () => {
  const held = new Held();
  const attach: ToView = { type: "attach", items: [{ label: "app.py:1-1", context }] };
  const draft: ToView = { type: "draft", text: "Why this change in @app.py:1-1?" };
  held.hold({ type: "focus", target: "question" });
  held.hold(attach);
  held.hold({ type: "settled", sessionId: "s", changeId: "c", path: "app.py", hunk: 0, done: true });
  held.hold({ type: "focus", target: "composer" });
  held.hold(draft);
  assert.deepEqual(held.take(), [attach, { type: "focus", target: "composer" }, draft]);
  assert.deepEqual(held.take(), []);
});
