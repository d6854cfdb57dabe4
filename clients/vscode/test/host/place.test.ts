/** Where the cursor is: what is no file is said to be none, and nothing is sent without it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { editor } from "./editor";
import { place } from "../../src/host/place";

function at(scheme: string): void {
  const uri = { scheme, toString: () => `${scheme}:/w/a.py` };
  const selection = { start: { line: 3, character: 0 }, end: { line: 5, character: 2 } };
  Object.assign(editor.window, { activeTextEditor: { document: { uri }, selection } });
}

test("a place is of a file, or of one that is not saved yet", () => {
  for (const scheme of ["file", "untitled"]) {
    at(scheme);
    assert.deepEqual(place(), {
      uri: `${scheme}:/w/a.py`,
      range: { start: { line: 3, character: 0 }, end: { line: 5, character: 2 } },
    });
  }
});

test("an output panel and the old side of a diff are no places, and neither is none", () => {
  for (const scheme of ["output", "git", "postil-before"]) {
    at(scheme);
    assert.throws(place, /The cursor is not in a file/);
  }
  Object.assign(editor.window, { activeTextEditor: undefined });
  assert.throws(place, /No editor has the focus/);
});
