/** A prompt that is edited and sent anew brings what stands on its chips, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PromptContext, PromptReceived } from "../../src/protocol_gen";
import { attachedAgain } from "../../webview/again";

const of = (context: Partial<PromptContext> & { kind: PromptContext["kind"] }): PromptContext => ({
  path: "",
  text: "",
  first_line: 0,
  last_line: 0,
  name: "",
  note: "",
  sources: [],
  ...context,
});
const again = (...context: PromptContext[]): { label: string; context: PromptContext }[] =>
  attachedAgain({ type: "PromptReceived", turn_id: "t1", text: "Go.", context } as unknown as PromptReceived);

test("a file is named and not quoted: the server reads it when it is sent", () => {
  const [whole, part, ...more] = again(
    of({ kind: "file", path: "src/app.py", text: "x = 1\n", sources: [] }),
    of({ kind: "file", path: "src/b.py", text: "y", first_line: 3, last_line: 9, note: "cut: …" }),
  );
  assert.deepEqual(whole, { label: "app.py", context: of({ kind: "file", path: "src/app.py" }) });
  assert.deepEqual(part?.context, of({ kind: "file", path: "src/b.py", first_line: 3, last_line: 9 }));
  assert.equal(part.label, "b.py:3-9");
  assert.deepEqual(more, []);
});

test("what comes with the words again is not given besides", () => {
  assert.deepEqual(
    again(
      of({ kind: "command", name: "/tidy", path: ".postil/commands/tidy.md", text: "Tidy it." }),
      of({ kind: "mention", name: "@nowhere", note: "It names no file and no symbol here." }),
    ),
    [],
  );
});

test("a file that could not be attached is tried again", () => {
  const [file] = again(of({ kind: "mention", name: "/etc/x", path: "/etc/x", note: "It is not attached." }));
  assert.deepEqual(file?.context, of({ kind: "file", path: "/etc/x" }));
});

test("a selection keeps the text that was selected", () => {
  const selection = of({ kind: "selection", path: "a.py", text: "x = 1", first_line: 2, last_line: 2 });
  assert.deepEqual(again(selection), [{ label: "a.py:2", context: selection }]);
});
