/** Where words stand in a conversation: counted over all of its lines, whichever of them are in the page. */
import type { Shown } from "../view/log";
import { wordsOf } from "./words";

/** One place: the line, and which of its places it is. */
export interface Match {
  key: string;
  /** The turn that the line is in; empty where it is in none. */
  turnId: string;
  ordinal: number;
}

/** So many places are counted; nobody walks through more. */
export const MOST = 2_000;
const LONGEST_QUERY = 500;

/** Return what finds these words, whatever their case and the white space between them; null where there are none. */
export function patternOf(query: string): RegExp | null {
  const words = query.trim().slice(0, LONGEST_QUERY);
  if (words === "") return null;
  const parts = words.split(/\s+/).map((it) => it.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(parts.join("\\s+").replace(/\\-/g, "\\x2d"), "giu");
}

/** How often words stand in each line: of a line that has not changed it is known. */
export class Finder {
  private query = "";
  private known = new Map<string, { rev: number; count: number }>();

  /** Return all places in order, the first `MOST` of them. */
  matches(lines: readonly Shown[], roots: readonly string[], query: string): Match[] {
    const pattern = patternOf(query);
    if (query !== this.query) this.known.clear();
    this.query = query;
    const found: Match[] = [];
    if (pattern === null) return found;
    for (const line of lines) {
      const count = this.count(line, roots, pattern);
      for (let ordinal = 0; ordinal < count; ordinal++) {
        if (found.length >= MOST) return found;
        found.push({ key: line.key, turnId: line.kind === "row" ? line.turnId : line.turn.id, ordinal });
      }
    }
    return found;
  }

  private count(line: Shown, roots: readonly string[], pattern: RegExp): number {
    const known = this.known.get(line.key);
    if (known?.rev === line.rev) return known.count;
    const count = wordsOf(line, roots).match(pattern)?.length ?? 0;
    this.known.set(line.key, { rev: line.rev, count });
    return count;
  }
}

/** Return the number of a match among those that there are now: it stays where it is while others come and go. */
export function placeOf(matches: readonly Match[], match: Match | null): number {
  if (match === null) return -1;
  const same = matches.findIndex((it) => it.key === match.key && it.ordinal === match.ordinal);
  return same >= 0 ? same : matches.findLastIndex((it) => it.key === match.key);
}

/** Return the match to go to: after or before this one, and round at the ends. */
export function step(matches: readonly Match[], at: number, by: 1 | -1): Match | null {
  if (matches.length === 0) return null;
  const from = at < 0 && by < 0 ? 0 : at;
  return matches[(from + by + matches.length) % matches.length] ?? null;
}

/** Return the first match at or after a line, as an editor finds on from the cursor; else the first of all. */
export function from(lines: readonly Shown[], matches: readonly Match[], key: string | null): Match | null {
  const order = new Map(lines.map((it, place) => [it.key, place]));
  const start = order.get(key ?? "") ?? 0;
  return matches.find((it) => (order.get(it.key) ?? 0) >= start) ?? matches[0] ?? null;
}

/** Return how many there are, in words: *3 of 12*, *No results*. */
export function countOf(matches: readonly Match[], at: number): string {
  if (matches.length === 0) return "No results";
  const all = matches.length >= MOST ? `${MOST}+` : String(matches.length);
  return `${at < 0 ? "?" : at + 1} of ${all}`;
}
