/** Undoing in documents that the person edits, and what is open in sessions that are out of view. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { shown } from "./editor";
import { document, documents } from "./documents";
import type { Update } from "../../src/protocol_gen";
import { Review } from "../../src/review/review";

const TEXTS: Record<string, string> = { h0: "a\nb\nc\nd\n", h1: "A\nb\nc\nD\n", h2: "A\nb\nc\nd\n" };
const asked: [method: string, params: Record<string, unknown>][] = [];
function window(): Review {
  const ask = (method: string, params: Record<string, unknown>): Promise<object> => {
    asked.push([method.split(".").at(-1) ?? "", params]);
    return Promise.resolve({ asked: false });
  };
  const contents = { text: (_: string, hash: string) => Promise.resolve(TEXTS[hash]) };
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  return new Review({ ready: true, ask } as never, contents as never, memory as never);
}
const changed = (seq: number, path: string, after = "h1", sessionId = "s"): Update =>
  ({
    sessionId,
    seq,
    event: {
      type: "FileChanged",
      rewind_id: null,
      change_id: `c${seq}`,
      label: "edit",
      path,
      before: "h0",
      after,
      added: 2,
      removed: 2,
      renamed_from: null,
    },
  }) as unknown as Update;
beforeEach(() => {
  asked.length = shown.length = 0;
  documents.clear();
});

test("undoing all undoes every hunk that the person left as it was, and says what stays", async () => {
  const review = window();
  review.begin("s", [changed(1, "/a.py"), changed(2, "/b.py"), changed(3, "/c.py")], false);
  document("/a.py", TEXTS["h1"]!);
  const edited = document("/b.py", "A\nb\nc\nD and mine\n");
  const theirs = document("/c.py", "A, mine\nb\nc\nD, mine\n");
  assert.equal(await review.undo(), true);
  assert.equal(edited.text, "a\nb\nc\nD and mine\n");
  assert.equal(theirs.text, "A, mine\nb\nc\nD, mine\n");
  // What is untouched goes back as a whole, on record; of the edited file nothing is left to look at.
  assert.deepEqual(asked, [
    ["keep", { sessionId: "s", changeIds: ["c2"], paths: ["/b.py"] }],
    ["undo", { sessionId: "s", changeId: "c1" }],
  ]);
  assert.deepEqual(
    shown.map((it) => it.text),
    ["What you have edited since stays: b.py, c.py."],
  );
});

test("hunks that are undone one by one are undone on record with the last, and not kept", async () => {
  const review = window();
  review.begin("s", [changed(1, "/a.py")], false);
  const it = document("/a.py", TEXTS["h1"]!);
  for (const rest of [1, 0]) {
    const reviewed = await review.hunks(it as never);
    const hunk = reviewed?.hunks.at(-1);
    assert.ok(reviewed && hunk);
    assert.equal(reviewed.hunks.length, rest + 1);
    assert.equal(await review.undoHunk(it as never, reviewed, hunk), true);
  }
  assert.equal(it.text, TEXTS["h0"]);
  assert.deepEqual(asked, [["undo", { sessionId: "s", changeId: "c1" }]]);
});

test("the only hunk is taken back by the server, which is no edit of the person's", async () => {
  const review = window();
  review.begin("s", [changed(1, "/a.py", "h2")], false);
  const it = document("/a.py", TEXTS["h2"]!);
  const reviewed = await review.hunks(it as never);
  assert.ok(reviewed?.hunks[0]);
  await review.undoHunk(it as never, reviewed, reviewed.hunks[0]);
  assert.deepEqual([it.version, asked], [1, [["undo", { sessionId: "s", changeId: "c1" }]]]);
});

test("what is open in a session that was in view before is known until it is settled or the session deleted", async () => {
  const review = window();
  review.begin("s", [changed(1, "/a.py")], false);
  assert.deepEqual(review.elsewhere, []);
  review.begin("other", [], false);
  review.begin("third", [changed(1, "/x.py", "h1", "third")], true);
  review.begin("other", [], false);
  assert.deepEqual(
    review.elsewhere,
    [{ sessionId: "s", files: 1 }],
    "what is only read here waits elsewhere",
  );
  review.follow(changed(2, "/b.py"));
  assert.deepEqual(review.elsewhere, [{ sessionId: "s", files: 2 }]);
  const kept = { type: "ChangesKept", change_ids: ["c1", "c2"], paths: [], face: "lsp" };
  review.follow({ sessionId: "s", seq: 3, event: kept } as unknown as Update);
  assert.deepEqual(review.elsewhere, []);
  review.follow(changed(4, "/b.py"));
  await review.forget("s");
  assert.deepEqual(review.elsewhere, []);
});
