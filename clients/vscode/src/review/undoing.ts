/** How a hunk is undone: as an edit, or, where it is all that is left of changes, so that the record says that these are undone. */

import type { OpenHunk } from "./hunks";
import { undone } from "./hunks";
import type { OpenFile } from "./ledger";

/**
 * `takeBack`: the server takes the changes back, on record. `record`: as an edit, and then the server, to which nothing is left to do.
 * `remove`: the file goes, and what else they changed stays.
 */
export type Way = "edit" | "takeBack" | "record" | "remove";

/** What a hunk of a file lies in. */
export interface Lies {
  readonly file: OpenFile;
  /** What the file is compared with: what it was before, as long as nothing of it was kept. */
  readonly base: string;
  readonly written: string;
  readonly keptSome: boolean;
}

/** Returns how a hunk is undone where `now` is the text of its file, and `left` are all files with changes that are not settled. */
export function wayOf(
  { file, base, written, keptSome }: Lies,
  now: string,
  hunk: OpenHunk,
  left: readonly OpenFile[],
): Way {
  const made = file.before === null;
  if (undone(now, hunk) !== base || (made ? base !== "" : keptSome || file.changes.some((it) => it.moved))) {
    return "edit";
  }
  const ids = new Set(file.changes.map((it) => it.changeId));
  const shared = left.some(
    (it) => it.path !== file.path && it.changes.some(({ changeId }) => ids.has(changeId)),
  );
  if (shared) {
    return made ? "remove" : "edit";
  }
  if (made || now === written) {
    return "takeBack";
  }
  // Of several changes the server would find the last one edited in each place of an earlier one.
  return file.changes.length === 1 ? "record" : "edit";
}
