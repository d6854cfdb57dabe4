/** What a session may be called, said while it is typed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { countOfTurns, inWords, labelOf, wordOnTitle } from "../../src/host/titles";

test("a title is a word or more, and no longer than the server takes", () => {
  assert.equal(wordOnTitle(" The header "), undefined);
  assert.equal(wordOnTitle("x".repeat(80)), undefined);
  assert.equal(wordOnTitle("\u{1f4c8}".repeat(80)), undefined);
  assert.match(wordOnTitle(" \n") ?? "", /needs a word/);
  assert.match(wordOnTitle("x".repeat(81)) ?? "", /has 81/);
});

test("nothing is said of turns that nobody has counted", () => {
  assert.deepEqual([null, 0, 1, 2].map(countOfTurns), [undefined, "0 turns", "1 turn", "2 turns"]);
});

test("what looks like an icon in a title or a list is words, and only ours is an icon", () => {
  const row = { title: "Say $(sync~spin) and $(error)", busy: false, questions: 0 };
  assert.equal(labelOf(row), "$(comment-discussion) Say $ (sync~spin) and $ (error)");
  assert.equal(labelOf({ ...row, busy: true }).startsWith("$(sync~spin) Say"), true);
  assert.equal(labelOf({ title: "", busy: true, questions: 2 }), "$(question) New session");
  const item = { label: "$(a)", description: "in $(b)", detail: "$(c)$(d)", turnId: "$(t)" };
  assert.deepEqual(inWords(item), {
    label: "$ (a)",
    description: "in $ (b)",
    detail: "$ (c)$ (d)",
    turnId: "$(t)",
  });
  assert.deepEqual(inWords({ label: "plain" }), { label: "plain" });
});
