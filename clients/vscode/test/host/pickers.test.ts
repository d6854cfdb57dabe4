/** The list of sessions: what is chosen in it comes into view, and into sight. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { picks, settled, shown } from "./editor";
import type { Parts } from "../../src/host/parts";
import { pickSession } from "../../src/host/pickers";

beforeEach(() => {
  shown.length = picks.length = 0;
});

const ROW = {
  sessionId: "s1",
  title: "Clean up",
  prompt: "Clean up.",
  turns: 2,
  status: "idle",
  updatedAt: 0,
};

function parts(open: (sessionId: string) => Promise<void>): Parts {
  const list = (): Promise<object[]> => Promise.resolve([{ ...ROW, questions: 0, busy: false, open: false }]);
  return { conversation: { list, open } } as unknown as Parts;
}

test("a session that is chosen is opened, and then the chat is shown with the focus in it", async () => {
  const order: string[] = [];
  const chosen = pickSession(
    parts(async (sessionId) => {
      await settled();
      order.push(`${sessionId} with ${shown.length} commands`);
    }),
  );
  await settled();
  picks[0]?.enter();
  await chosen;
  await settled();
  await settled();
  assert.deepEqual(order, ["s1 with 0 commands"]);
  assert.deepEqual(
    shown.map((it) => [it.what, it.text]),
    [["command", "postil.focusChat"]],
  );
});

test("one that cannot be opened moves nothing", async () => {
  const chosen = pickSession(parts(() => Promise.reject(new Error("It is gone."))));
  await settled();
  picks[0]?.enter();
  await chosen;
  await settled();
  assert.deepEqual(
    shown.map((it) => [it.what, it.text]),
    [["error", "Postil: It is gone."]],
  );
});
