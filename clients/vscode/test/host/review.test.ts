/** Review: what differs, which hunks are the agent's, and what keeping and undoing make of texts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PostilEvent, Update } from "../../src/protocol_gen";
import { hunkOf, kept, openHunks, undone } from "../../src/review/hunks";
import { Ledger } from "../../src/review/ledger";
import { wayOf } from "../../src/review/undoing";
import { diff, linesOf, MOST_EDITS } from "../../src/review/lines";
import { Remembered } from "../../src/review/remembered";

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

test("up to so many edits are found one by one, and beyond the whole is one hunk, with little room taken", () => {
  const rewritten = (lines: number): [string[], string[]] => [
    Array.from({ length: 2 * lines }, (_, at) => (at % 2 === 0 ? `same ${at}\n` : `old ${at}\n`)),
    Array.from({ length: 2 * lines }, (_, at) => (at % 2 === 0 ? `same ${at}\n` : `new ${at}\n`)),
  ];
  assert.equal(diff(...rewritten(MOST_EDITS / 2)).length, MOST_EDITS / 2);
  const [old, now] = rewritten(MOST_EDITS / 2 + 1);
  assert.deepEqual(diff(old, now), [{ from: 1, to: old.length, start: 1, end: now.length }]);
  // A copy of all that is known at each step, as maps have them, came to hundreds of megabytes.
  const before = process.memoryUsage();
  diff(old, now);
  const after = process.memoryUsage();
  const taken = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(taken < 40_000_000, `${taken}`);
});

test("what was worked out is worked out again when something that it came of is another, and no sooner", () => {
  const remembered = new Remembered<object, number>();
  const [one, other] = [{}, {}];
  let made = 0;
  const find = (): number => ++made;
  assert.deepEqual(
    [
      remembered.of(one, [1, "base", "written"], find),
      remembered.of(one, [1, "base", "written"], find),
      remembered.of(other, [1, "base", "written"], find),
      remembered.of(one, [2, "base", "written"], find),
      remembered.of(one, [2, "half", "written"], find),
      remembered.of(one, [2, "half", "written"], find),
    ],
    [1, 1, 2, 3, 4, 4],
  );
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
  ledger.keep(["c1", "c3"], []);
  ledger.apply(changed(4, "/a", "c4", "h2", "h3"));
  assert.deepEqual(
    ledger.file("/a")?.changes.map((it) => it.changeId),
    ["c4"],
  );
  ledger.apply(changed(5, "/a", "c5", "h3", "h2"));
  assert.equal(ledger.file("/a"), undefined);
  // It comes to nothing, and is left to be kept all the same.
  assert.deepEqual(
    ledger.left().map((it) => [it.path, it.changes.map(({ changeId }) => changeId)]),
    [
      ["/b", ["c2"]],
      ["/a", ["c4", "c5"]],
    ],
  );
});

test("a file that was not there before goes when its last hunk is undone, and stays where something else is in it", () => {
  const ledger = new Ledger();
  ledger.apply(changed(1, "/new", "c1", null, "n1"));
  ledger.apply(changed(2, "/old", "c2", "h0", "h1"));
  ledger.apply(changed(3, "/both", "c3", null, "n2"));
  ledger.apply(changed(4, "/other", "c3", "h0", "h1"));
  const way = (path: string, base: string, written: string, now: string): string => {
    const file = ledger.file(path);
    const [hunk] = openHunks(base, written, now);
    assert.ok(file && hunk);
    const keptSome = file.before === null && base !== "";
    return wayOf({ file, base, written, keptSome }, now, hunk, ledger.left());
  };
  assert.equal(way("/new", "", "one\ntwo\n", "one\ntwo\n"), "takeBack");
  // The person's own line is theirs; a hunk that was kept stays; a file that was there and empty is empty again.
  assert.equal(way("/new", "", "one\ntwo\n", "one\ntwo\nmine\n"), "edit");
  assert.equal(way("/new", "one\n", "one\ntwo\n", "one\ntwo\n"), "edit");
  assert.equal(way("/old", "", "one\n", "one\n"), "takeBack");
  // Taking back a change takes back all of it.
  assert.equal(way("/both", "", "one\n", "one\n"), "remove");
});

test("the last hunk that is undone is undone on record, as long as nothing else was made of the file", () => {
  const ledger = new Ledger();
  ledger.apply(changed(1, "/one", "c1", "h0", "h1"));
  ledger.apply(changed(2, "/two", "c2", "h0", "h1"));
  ledger.apply(changed(3, "/two", "c3", "h1", "h2"));
  for (const path of ["/both", "/other"]) ledger.apply(changed(4, path, "c4", "h0", "h1"));
  const moved = changed(5, "/moved", "c5", "h0", "h1");
  ledger.apply({ ...moved, event: { ...moved.event, renamed_from: "/before" } as PostilEvent });
  const [base, written] = ["a\nb\nc\nd\n", "A\nb\nc\nD\n"];
  const way = (path: string, now: string, keptSome = false, wrote = written): string => {
    const file = ledger.file(path);
    const hunk = openHunks(base, wrote, now).at(-1);
    assert.ok(file && hunk);
    return wayOf({ file, base, written: wrote, keptSome }, now, hunk, ledger.left());
  };
  const [only, last] = ["A\nb\nc\nd\n", "a\nb\nc\nD\n"];
  assert.equal(way("/one", written), "edit", "another hunk is left");
  assert.equal(way("/one", only, false, only), "takeBack");
  assert.equal(way("/two", only, false, only), "takeBack");
  assert.equal(way("/one", last), "record", "the other one was undone by an edit");
  assert.equal(way("/two", last), "edit");
  assert.equal(way("/one", last, true), "edit", "something was kept");
  assert.equal(way("/one", `${last}mine\n`), "edit");
  assert.equal(way("/both", only, false, only), "edit", "the change is in another file as well");
  assert.equal(way("/moved", only, false, only), "edit", "its name stays");
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
  assert.equal(ledger.bases["/a"], undefined);
  ledger.apply(told(5, { type: "RewindStarted", rewind_id: "r2", undoes: ["c1"] }));
  ledger.apply(told(6, { type: "Rewound", rewind_id: "r2", undone: [] }));
  assert.equal(ledger.files().length, 1);
});

test("what is on record as kept is kept, whoever kept it, and a file is open from the next change on", () => {
  const ledger = new Ledger();
  ledger.apply(changed(1, "/a", "c1", "h0", "h1"));
  ledger.apply(changed(2, "/a", "c2", "h1", "h2"));
  assert.equal(
    ledger.apply(told(3, { type: "ChangesKept", change_ids: ["c1"], paths: [], face: "acp" })),
    true,
  );
  assert.deepEqual(
    ledger.files().map((it) => [it.before, it.after]),
    [["h1", "h2"]],
  );
  // What this window has kept itself is known before the event of it arrives, which then says nothing new.
  ledger.keep(["c2"], ["/a"]);
  assert.deepEqual(ledger.files(), []);
  assert.equal(
    ledger.apply(told(4, { type: "ChangesKept", change_ids: ["c2"], paths: [], face: "lsp" })),
    false,
  );
});

test("a change that is kept of one file is open in its others, and what was kept of their hunks stays", () => {
  const ledger = new Ledger();
  for (const [at, path] of ["/a", "/b"].entries()) ledger.apply(changed(at + 1, path, "c1", "h0", "h1"));
  ledger.keepBase("/b", "half");
  const kept = (seq: number, paths: string[]) =>
    told(seq, { type: "ChangesKept", change_ids: ["c1"], paths, face: "lsp" });
  assert.equal(ledger.apply(kept(3, ["/a"])), true);
  assert.deepEqual(
    ledger.files().map((it) => it.path),
    ["/b"],
  );
  assert.equal(ledger.bases["/b"]?.text, "half");
  assert.equal(ledger.apply(kept(4, ["/a"])), false, "it says nothing new");
  ledger.keep(["c1"], ["/b"]);
  assert.deepEqual([ledger.files(), ledger.bases], [[], {}]);
  assert.equal(ledger.apply(kept(5, [])), false);
});

test("hunks that were kept are remembered from window to window, until the file's changes are settled", () => {
  const events = [
    changed(1, "/a", "c1", "h0", "h1"),
    told(2, { type: "Rewound", rewind_id: "r", undone: ["c1"] }),
    changed(3, "/a", "c2", "h0", "h2"),
  ];
  const first = new Ledger();
  events.forEach((it) => first.apply(it));
  first.keepBase("/a", "half");
  const second = new Ledger(JSON.parse(JSON.stringify(first.bases)));
  events.forEach((it) => second.apply(it));
  // What was taken back before the hunk was kept has no say in it.
  assert.equal(second.bases["/a"]?.text, "half");
  second.apply(told(4, { type: "ChangesKept", change_ids: ["c2"], paths: [], face: "lsp" }));
  assert.deepEqual(second.bases, {});
  first.keep(["c2"], []);
  assert.deepEqual(first.bases, {});
});

test("what a window remembered in another form is as if it were not there", () => {
  for (const remembered of [undefined, null, "x", { "/a": "text" }, { "/a": null }, { "/a": { text: 1 } }]) {
    assert.deepEqual(new Ledger(remembered).bases, {});
  }
});

test("the hunk of one change is found only where no other change has a part in it", () => {
  const [base, first, second] = ["a\nb\nc\nd\n", "A\nB\nC\nd\n", "X\nB\nC\nd\n"];
  const open = openHunks(base, second, second);
  assert.deepEqual(
    open.map((it) => it.before),
    [["a\n", "b\n", "c\n"]],
  );
  assert.equal(hunkOf({ before: first, after: second, line: 1 }, open), undefined);
  const apart = openHunks(base, "A\nb\nc\nD\n", "A\nb\nc\nD\n");
  assert.equal(hunkOf({ before: "A\nb\nc\nd\n", after: "A\nb\nc\nD\n", line: 4 }, apart), apart[1]);
  assert.equal(hunkOf({ before: "A\nb\nc\nd\n", after: "A\nb\nc\nD\n", line: 1 }, apart), undefined);
});
