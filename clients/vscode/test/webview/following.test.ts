/** The end is followed until a person leaves it, and pieces of other turns stay what they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { follows, fromEnd, piecesOf, placeToFollow, type Scrolled } from "../../webview/view/following";

const END: Scrolled = { top: 500, height: 1_000, view: 500 };

test("what grows is followed, and so is what shrinks", () => {
  assert.equal(follows(END, { ...END, height: 1_400 }, true), true);
  assert.equal(follows(END, { ...END, height: 800, top: 300 }, true), true);
});

test("a composer that gets smaller or larger is no person who scrolls", () => {
  assert.equal(follows(END, { ...END, view: 560, top: 440 }, true), true);
  assert.equal(follows(END, { ...END, view: 400 }, true), true);
});

test("the first pixels up leave the end, and what comes then does not pull back", () => {
  const up = { ...END, top: 495 };
  assert.equal(follows(END, up, true), false);
  assert.equal(follows(up, { ...up, height: 1_100 }, false), false);
  assert.equal(fromEnd(up), 5);
});

test("who comes back to the end follows it again", () => {
  assert.equal(follows({ ...END, top: 300 }, { ...END, top: 480 }, false), true);
  assert.equal(follows({ ...END, top: 300 }, { ...END, top: 400 }, false), false);
  assert.equal(follows({ ...END, top: 480 }, END, false), true);
});

test("what waits for a person is read from its beginning where it is taller than the view", () => {
  assert.equal(placeToFollow(END, null), 500);
  assert.equal(placeToFollow(END, 700), 500, "all of it is in sight at the end");
  assert.equal(placeToFollow(END, 200), 200);
  assert.equal(placeToFollow({ top: 0, height: 300, view: 500 }, 40), 0);
});

interface Line {
  kind: string;
  key: string;
}

function turn(name: string, rows: number): Line[] {
  const inside = Array.from({ length: rows }, (_, place) => ({ kind: "row", key: `${name}.${place}` }));
  return [{ kind: "prompt", key: name }, ...inside];
}

test("a piece has a dozen lines at most, and a prompt begins one", () => {
  const pieces = piecesOf([...turn("a", 30), ...turn("b", 2)]);
  assert.deepEqual(
    pieces.map((it) => [it.key, it.lines.length]),
    [
      ["a 0", 12],
      ["a 1", 12],
      ["a 2", 7],
      ["b 0", 3],
    ],
  );
  assert.deepEqual(piecesOf([]), []);
});

test("a turn that is folded leaves the pieces of the others as they were", () => {
  const before = piecesOf([...turn("a", 30), ...turn("b", 14)]).filter((it) => it.key.startsWith("b"));
  const after = piecesOf([...turn("a", 2), ...turn("b", 14)]).filter((it) => it.key.startsWith("b"));
  assert.deepEqual(after, before);
});
