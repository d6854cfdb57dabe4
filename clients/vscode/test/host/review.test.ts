/** Review: what differs, which hunks are the agent's, and what keeping and undoing make of texts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PostilEvent, Update } from "../../src/protocol_gen";
import { kept, openHunks, undone } from "../../src/review/hunks";
import { Ledger } from "../../src/review/ledger";
import { diff, linesOf } from "../../src/review/lines";

/** Random numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
}

function randomText(random: () => number, lines: number): string {
  const text = Array.from(
    { length: Math.floor(random() * lines) },
    () => `${"abc"[Math.floor(random() * 3)] ?? ""}\n`,
  ).join("");
  return random() < 0.3 ? text.trimEnd() : text;
}

test("hunks turn the one text into the other, whatever the texts, and what lies between is the same", () => {
  const random = numbers(7);
  for (let round = 0; round < 2_000; round++) {
    const [old, now] = [linesOf(randomText(random, 12)), linesOf(randomText(random, 12))];
    let at = 0;
    const made: string[] = [];
    for (const hunk of diff(old, now)) {
      assert.ok(hunk.from >= at && (hunk.from < hunk.to || hunk.start < hunk.end));
      made.push(...old.slice(at, hunk.from), ...now.slice(hunk.start, hunk.end));
      at = hunk.to;
    }
    assert.deepEqual([...made, ...old.slice(at)], now, JSON.stringify([old, now]));
  }
});

test("texts that have nothing in common are one hunk, and quickly so", () => {
  const old = Array.from({ length: 6_000 }, (_, at) => `old ${at}\n`);
  const now = Array.from({ length: 6_000 }, (_, at) => `new ${at}\n`);
  assert.deepEqual(diff(old, now), [{ from: 0, to: 6_000, start: 0, end: 6_000 }]);
});

test("undoing every hunk, in whatever order, gives the base to the byte; keeping every one gives the text", () => {
  const random = numbers(11);
  for (let round = 0; round < 1_000; round++) {
    const base = randomText(random, 15);
    const written = randomText(random, 15);
    let now = written;
    for (let open = openHunks(base, now, now); open.length > 0; open = openHunks(base, now, now)) {
      now = undone(now, open[Math.floor(random() * open.length)]!);
    }
    assert.equal(now, base);
    let grown = base;
    for (
      let open = openHunks(grown, written, written);
      open.length > 0;
      open = openHunks(grown, written, written)
    ) {
      grown = kept(grown, written, open[Math.floor(random() * open.length)]!.hunk);
    }
    assert.equal(grown, written);
  }
});

test("a hunk that the person has edited is theirs, and the others move along", () => {
  const base = "one\ntwo\nthree\nfour\nfive\nsix\n";
  const written = "one\nTWO\nthree\nfour\nFIVE\nsix\n";
  const both = openHunks(base, written, written).map((it) => it.start);
  assert.deepEqual(both, [1, 4]);
  const above = openHunks(base, written, `zero\n${written}`);
  assert.deepEqual(
    above.map((it) => it.start),
    [2, 5],
  );
  const edited = openHunks(base, written, written.replace("TWO", "Two and a half"));
  assert.deepEqual(
    edited.map((it) => it.start),
    [4],
  );
  assert.equal(undone(`zero\n${written}`, above[1]!), "zero\none\nTWO\nthree\nfour\nfive\nsix\n");
});

test("a deletion is a hunk without lines, which an edit at that very place closes", () => {
  const base = "one\ntwo\nthree\n";
  const open = openHunks(base, "one\nthree\n", "one\nthree\n");
  assert.deepEqual(
    open.map((it) => [it.start, it.end]),
    [[1, 1]],
  );
  assert.equal(undone("one\nthree\n", open[0]!), base);
  assert.deepEqual(openHunks(base, "one\nthree\n", "one\nzwei\nthree\n"), []);
});

const changed = (
  seq: number,
  path: string,
  change: string,
  before: string | null,
  after: string | null,
): Update => ({
  sessionId: "s",
  seq,
  at: null,
  after: seq - 1,
  event: {
    v: 1,
    type: "FileChanged",
    turn_id: "t",
    call_id: "c",
    rewind_id: null,
    change_id: change,
    label: "edit",
    path,
    before,
    after,
    added: 1,
    removed: 1,
    where: "buffer",
    diff: "",
    form: null,
    renamed_from: null,
    mode: null,
    subagent: "",
    doubtful: false,
  },
});
const told = (seq: number, event: Partial<PostilEvent>): Update => ({
  sessionId: "s",
  seq,
  at: null,
  after: seq - 1,
  event: event as PostilEvent,
});

test("a file is open from the first change that nobody kept to the last, and closed where they cancel out", () => {
  const ledger = new Ledger();
  for (const it of [
    changed(1, "/a", "c1", "h0", "h1"),
    changed(2, "/b", "c2", null, "n1"),
    changed(3, "/a", "c3", "h1", "h2"),
  ]) {
    assert.equal(ledger.apply(it), true);
  }
  assert.deepEqual(
    ledger.files().map((it) => [it.path, it.before, it.after]),
    [
      ["/a", "h0", "h2"],
      ["/b", null, "n1"],
    ],
  );
  ledger.keepFile("/a");
  ledger.apply(changed(4, "/a", "c4", "h2", "h3"));
  assert.deepEqual(
    ledger.file("/a")?.changes.map((it) => it.changeId),
    ["c4"],
  );
  ledger.apply(changed(5, "/a", "c5", "h3", "h2"));
  assert.equal(ledger.file("/a"), undefined);
});

test("what was taken back is not open, and what a crash left unsaid counts as the rewind began", () => {
  const ledger = new Ledger();
  ledger.apply(changed(1, "/a", "c1", "h0", "h1"));
  ledger.apply(changed(2, "/a", "c2", "h1", "h2"));
  ledger.keepBase("/a", "half");
  ledger.apply(told(3, { type: "RewindStarted", rewind_id: "r", undoes: ["c2"] }));
  ledger.apply(told(4, { type: "Rewound", rewind_id: "r", undone: null }));
  assert.deepEqual(
    ledger.file("/a")?.changes.map((it) => it.changeId),
    ["c1"],
  );
  assert.equal(ledger.kept.bases["/a"], undefined);
  ledger.apply(told(5, { type: "RewindStarted", rewind_id: "r2", undoes: ["c1"] }));
  ledger.apply(told(6, { type: "Rewound", rewind_id: "r2", undone: [] }));
  assert.equal(ledger.files().length, 1);
});

test("what was kept is remembered from window to window", () => {
  const first = new Ledger();
  first.apply(changed(1, "/a", "c1", "h0", "h1"));
  first.keepFile("/a");
  const second = new Ledger(JSON.parse(JSON.stringify(first.kept)) as typeof first.kept);
  second.apply(changed(1, "/a", "c1", "h0", "h1"));
  assert.deepEqual(second.files(), []);
});
