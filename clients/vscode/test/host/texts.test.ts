/** Texts for diffs do not pile up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Texts } from "../../src/review/texts";

test("what nobody looks at goes, the oldest first, and what an open document has stays", () => {
  const texts = new Texts();
  const first = texts.put("first", new Set());
  const second = texts.put("second", new Set());
  for (let at = 0; at < 200; at++) texts.put(`text ${at}`, new Set([first]));
  assert.equal(texts.get(first), "first");
  assert.equal(texts.get(second), undefined);
  assert.equal(texts.size, 30);
  assert.equal(texts.get(texts.put("text 199", new Set())), "text 199");
});

test("a text that is there has its number, and no number is given twice", () => {
  const texts = new Texts();
  const first = texts.put("a", new Set());
  assert.equal(texts.put("a", new Set()), first);
  const numbers = Array.from({ length: 100 }, (_, at) => texts.put(`t ${at}`, new Set()));
  assert.equal(new Set([first, ...numbers]).size, 101);
  const shown = new Set(numbers.slice(-30));
  const more = Array.from({ length: 20 }, (_, at) => texts.put(`m ${at}`, shown));
  assert.ok(numbers.slice(-30).every((it) => texts.get(it) !== undefined));
  assert.equal(texts.get(more.at(-1)!), "m 19", "the newest is always there");
});
