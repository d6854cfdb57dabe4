/** What files of several changes differ by: from the first of them, or from what was kept, to the last. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpenFile } from "../../src/review/ledger";
import { Nets } from "../../src/review/nets";

const TEXTS: Record<string, string> = { h0: "a\nb\n", h1: "a\nb\nc\nd\n", h2: "a\nB\nc\n" };
const file = (...hashes: string[]): OpenFile => ({
  path: "/a",
  before: hashes[0] ?? null,
  after: hashes.at(-1) ?? null,
  changes: hashes.slice(1).map((after, at) => ({
    seq: at + 1,
    changeId: `c${at}`,
    path: "/a",
    label: "",
    before: hashes[at] ?? null,
    after,
    added: 7,
    removed: 7,
    moved: false,
  })),
});
const asked: (string | null)[] = [];
const texts = (hash: string | null): Promise<string | undefined> => {
  asked.push(hash);
  return Promise.resolve(TEXTS[hash ?? ""]);
};

test("a file of one change has its numbers, and one of several is counted from the first text to the last, once", async () => {
  const nets = new Nets(texts);
  asked.length = 0;
  assert.deepEqual(nets.of(file("h0", "h1"), undefined), { added: 7, removed: 7 });
  assert.equal(await nets.learn(file("h0", "h1"), undefined), false);
  const several = file("h0", "h1", "h2");
  assert.equal(nets.of(several, undefined), undefined);
  assert.deepEqual(await Promise.all([nets.learn(several, undefined), nets.learn(several, undefined)]), [
    true,
    false,
  ]);
  assert.deepEqual(nets.of(several, undefined), { added: 2, removed: 1 });
  assert.deepEqual(asked, ["h0", "h2"]);
});

test("where hunks were kept it is counted from the text with these", async () => {
  const nets = new Nets(texts);
  const one = file("h0", "h2");
  assert.equal(nets.of(one, "a\nB\n"), undefined);
  assert.equal(await nets.learn(one, "a\nB\n"), true);
  assert.deepEqual(nets.of(one, "a\nB\n"), { added: 1, removed: 0 });
  assert.equal(nets.of(one, "a\n"), undefined, "another base is another count");
});

test("what cannot be had is no number, and is asked for again; what came too late says nothing", async () => {
  const nets = new Nets(texts);
  const gone = file("h0", "h1", "gone");
  assert.equal(await nets.learn(gone, undefined), false);
  assert.equal(nets.of(gone, undefined), undefined);
  TEXTS["gone"] = "a\n";
  const late = nets.learn(gone, undefined);
  assert.equal(await nets.learn(file("h0", "h1", "h2"), undefined), true);
  assert.equal(await late, false);
  assert.equal(nets.of(gone, undefined), undefined);
  assert.equal(await nets.learn(gone, undefined), true);
  assert.deepEqual(nets.of(gone, undefined), { added: 0, removed: 1 });
});
