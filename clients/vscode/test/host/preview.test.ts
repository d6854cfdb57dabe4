/** A code block of the chat in an editor: what is compared with what, and what is said where there is no editor. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { editor } from "./editor";
import { diffs, editing, edits, files, goneTo, parts, posts, tab, TabInputTextDiff } from "./desk";
import { insert, preview } from "../../src/host/preview";

interface Place {
  document: { uri: { scheme: string; path: string }; version: number };
}

beforeEach(() => {
  files.clear();
  for (const it of [diffs, edits, posts, goneTo]) it.length = 0;
  tab.input = undefined;
  Object.assign(editor.window, { activeTextEditor: undefined });
});

test("the diff is of what inserting would do", async () => {
  editing("/w/a.py", "one\ntwo\n", 4, 4);
  await preview(parts, "", "new\n");
  editing("/w/a.py", "one\ntwo\n", 4, 7);
  await preview(parts, "b.py", "new");
  assert.deepEqual(diffs, [
    ["/w/a.py", "one\nnew\ntwo\n", "a.py (with the code block at the cursor)"],
    ["/w/a.py", "one\nnew\n", "a.py (with the code block in place of the selection)"],
  ]);
});

test("a block that is the whole of a file of the workspace is compared with that file, and no other is read", async () => {
  files.set("/w/b.py", "a\nb\nc\n").set("/etc/hosts", "a\nb\nc\n");
  await preview(parts, "b.py", "a\nB\nc");
  assert.deepEqual(diffs, [["/w/b.py", "a\nB\nc\n", "b.py (as the code block has it)"]]);
  await preview(parts, "/etc/hosts", "a\nB\nc");
  assert.equal(diffs.length, 1);
  assert.equal(posts.length, 1);
});

test("without an editor the chat says so, and nothing fails", async () => {
  await preview(parts, "gone.py", "x");
  await insert(parts, "x");
  assert.deepEqual(posts, [
    { type: "notice", text: "No editor is open to compare it with." },
    { type: "notice", text: "No editor is open to insert it in." },
  ]);
  assert.deepEqual([diffs, edits], [[], []]);
});

test("what is inserted while its preview is looked at is what that shows, unless the text is another by now", async () => {
  editing("/w/a.py", "one\n", 0, 0);
  const shown = editor.window as unknown as { activeTextEditor: Place };
  const { document } = shown.activeTextEditor;
  await preview(parts, "", "new\n");
  editing("/w/other.py", "", 0, 0);
  tab.input = new TabInputTextDiff({}, "new\none\n");
  await insert(parts, "new\n");
  document.version += 1;
  await insert(parts, "new\n");
  assert.deepEqual(edits, [
    ["/w/a.py", "new\n"],
    ["/w/other.py", "new\n"],
  ]);
  assert.deepEqual(goneTo, ["/w/a.py", "/w/other.py"], "who inserts goes on there");
});

test("a preview that is not looked at any more decides nothing, nor does that of another block", async () => {
  files.set("/w/b.py", "a\nb\nc\n");
  editing("/w/a.py", "one\n", 0, 0);
  await preview(parts, "", "new\n");
  await preview(parts, "b.py", "a\nB\nc");
  tab.input = new TabInputTextDiff({}, "a\nB\nc\n");
  await insert(parts, "a\nB\nc");
  assert.deepEqual(edits, [["/w/b.py", "a\nB\nc\n"]], "the whole file, as the diff has it");
  await insert(parts, "new\n");
  tab.input = new TabInputTextDiff({}, "new\none\n");
  await insert(parts, "new\n");
  assert.deepEqual(edits.slice(1), [
    ["/w/a.py", "new\n"],
    ["/w/a.py", "new\n"],
  ]);
});
