/** Whether the conversation follows what comes, and in which pieces it is kept in the page. */

/** How far a log is scrolled, as the page says it. */
export interface Scrolled {
  top: number;
  height: number;
  view: number;
}

/** A person who comes this near to the end is at it. */
const NEAR_END = 24;

/** Return how far the end is out of sight. */
export function fromEnd(at: Scrolled): number {
  return Math.max(0, at.height - at.top - at.view);
}

/**
 * Whether the end is followed after a move from `before` to `now`.
 *
 * A person who scrolls up leaves the end with the first pixel: else each painted delta would pull them back. What grows or
 * shrinks by itself never moves the log up and away from its end, so that is always a person.
 */
export function follows(before: Scrolled, now: Scrolled, followed: boolean): boolean {
  const left = fromEnd(now);
  if (left < 2) return true;
  if (now.top < before.top) return false;
  return followed || (now.top > before.top && left < NEAR_END);
}

/**
 * Return where a log goes that follows its end: there, unless what has just come to wait for a person begins above what would be
 * seen then. That is read from its beginning.
 */
export function placeToFollow(now: Scrolled, waitsAt: number | null): number {
  const end = Math.max(0, now.height - now.view);
  return waitsAt === null ? end : Math.min(waitsAt, end);
}

/** Lines of a piece at most. */
const IN_PIECE = 12;

/**
 * Cut lines into the pieces that are in the page or are a box of their height.
 *
 * A piece begins with every prompt. So what changes in one turn, such as its rows when it is folded, leaves the pieces of all
 * others what they were, and what somebody reads stays where it is.
 */
export function piecesOf<Line extends { kind: string; key: string }>(
  lines: readonly Line[],
): { key: string; lines: Line[] }[] {
  const pieces: { key: string; lines: Line[] }[] = [];
  let first = "";
  let number = 0;
  for (const line of lines) {
    const last = pieces.at(-1);
    if (last !== undefined && line.kind !== "prompt" && last.lines.length < IN_PIECE) {
      last.lines.push(line);
      continue;
    }
    if (line.kind === "prompt" || last === undefined) [first, number] = [line.key, 0];
    pieces.push({ key: `${first} ${number}`, lines: [line] });
    number += 1;
  }
  return pieces;
}
