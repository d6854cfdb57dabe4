/** The agent's hunks in a document as it stands now: what the person has edited since is theirs. */

import type { Hunk } from "./lines";
import { diff, linesOf } from "./lines";

/** A hunk of the agent's, as it lies in the document now. */
export interface OpenHunk {
  /** Between the base and what the agent wrote. */
  readonly hunk: Hunk;
  /** Its lines in the document now; `end` is not included. */
  readonly start: number;
  readonly end: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Returns the hunks from `base` to `written` that stand in `now` untouched. */
export function openHunks(base: string, written: string, now: string): OpenHunk[] {
  const old = linesOf(base);
  const wrote = linesOf(written);
  const edits = now === written ? [] : diff(wrote, linesOf(now));
  const found: OpenHunk[] = [];
  for (const hunk of diff(old, wrote)) {
    if (edits.some((it) => touches(it, hunk))) {
      continue;
    }
    const shift = edits
      .filter((it) => it.to <= hunk.start)
      .reduce((sum, it) => sum + (it.end - it.start) - (it.to - it.from), 0);
    found.push({
      hunk,
      start: hunk.start + shift,
      end: hunk.end + shift,
      before: old.slice(hunk.from, hunk.to),
      after: wrote.slice(hunk.start, hunk.end),
    });
  }
  return found;
}

/**
 * Returns the open hunk that is the hunk of one change at a line, from 1, of what it wrote; undefined where it is not just that:
 * an earlier change may have a part in it, and would be undone with it.
 */
export function hunkOf(
  change: { readonly before: string; readonly after: string; readonly line: number },
  open: readonly OpenHunk[],
): OpenHunk | undefined {
  const own = openHunks(change.before, change.after, change.after).find(
    (it) => it.hunk.start === change.line - 1,
  );
  return open.find(
    (it) =>
      own !== undefined &&
      it.hunk.start === own.hunk.start &&
      it.before.join("") === own.before.join("") &&
      it.after.join("") === own.after.join(""),
  );
}

/** Whether an edit of the person's, in lines of what the agent wrote, changes a hunk or what stands at its very edge. */
function touches(edit: Hunk, hunk: Hunk): boolean {
  if (edit.from === edit.to || hunk.start === hunk.end) {
    return edit.from < hunk.end ? edit.to > hunk.start : edit.from === hunk.start && edit.from === hunk.end;
  }
  return edit.from < hunk.end && edit.to > hunk.start;
}

/** Returns the base with one hunk in it: that one is kept. */
export function kept(base: string, written: string, hunk: Hunk): string {
  const old = linesOf(base);
  const wrote = linesOf(written);
  return [...old.slice(0, hunk.from), ...wrote.slice(hunk.start, hunk.end), ...old.slice(hunk.to)].join("");
}

/** Returns the document without one hunk: that one is undone. */
export function undone(now: string, open: OpenHunk): string {
  const lines = linesOf(now);
  return [...lines.slice(0, open.start), ...open.before, ...lines.slice(open.end)].join("");
}
