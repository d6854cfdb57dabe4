/** Which changes of a session nobody has looked at yet: a fold of its events, and of the hunks that were kept in this view. */

import type { FileChanged, PostilEvent, Update } from "../protocol_gen";

/** One change of one file. */
export interface FileChange {
  readonly seq: number;
  readonly changeId: string;
  readonly path: string;
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly added: number;
  readonly removed: number;
  /** Whether the file got another name by it. */
  readonly moved: boolean;
}

/** The changes of one file that are open, the first to the last. */
export interface OpenFile {
  readonly path: string;
  readonly changes: readonly FileChange[];
  /** By its hash; null where there was no file. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What a file is compared with where some of its hunks are kept, and after which event that was. */
interface Base {
  readonly text: string;
  readonly at: number;
}

/** By its path: changes are kept on record; of hunks the record knows nothing, and a window remembers them. */
export type Bases = Record<string, Base>;

export class Ledger {
  private changes: FileChange[] = [];
  private seq = 0;
  private readonly undone = new Set<string>();
  /** Changes by their ids; those that are kept of some files alone, with each of these. */
  private readonly kept = new Set<string>();
  private readonly undoing = new Map<string, string[]>();
  readonly bases: Bases;

  constructor(remembered: unknown = {}) {
    this.bases = readBases(remembered);
  }

  /** Takes note of an event; returns whether something changed. */
  apply(update: Update): boolean {
    const event: PostilEvent = update.event;
    if (update.seq === null) {
      return false;
    }
    this.seq = update.seq;
    switch (event.type) {
      case "FileChanged":
        return this.changed(event, update.seq);
      case "ChangesKept":
        return this.settled(event.change_ids, this.kept, update.seq, event.paths);
      case "RewindStarted":
        this.undoing.set(event.rewind_id, event.undoes);
        return false;
      case "Rewound":
        return this.settled(event.undone ?? this.undoing.get(event.rewind_id) ?? [], this.undone, update.seq);
      default:
        return false;
    }
  }

  /** Returns the files with open changes, in the order in which they were changed. */
  files(): OpenFile[] {
    return this.left().filter((it) => it.before !== it.after);
  }

  /** Returns the files with changes that were neither kept nor taken back, also where these come to nothing. */
  left(): OpenFile[] {
    const byPath = new Map<string, [FileChange, ...FileChange[]]>();
    for (const change of this.changes.filter((it) => !this.isSettled(it))) {
      const known = byPath.get(change.path);
      if (known === undefined) {
        byPath.set(change.path, [change]);
      } else {
        known.push(change);
      }
    }
    return [...byPath].map(([path, changes]) => {
      const { after } = changes.at(-1) ?? changes[0];
      return { path, changes, before: changes[0].before, after };
    });
  }

  /** Returns a file's open changes. */
  file(path: string): OpenFile | undefined {
    return this.files().find((it) => it.path === path);
  }

  /** Returns one change, open or not. */
  change(changeId: string, path: string): FileChange | undefined {
    return this.changes.find((it) => it.changeId === changeId && it.path === path);
  }

  /** Takes note of changes that are on record as kept, before the event of it arrives. */
  keep(changeIds: readonly string[], paths: readonly string[]): void {
    this.settled(changeIds, this.kept, this.seq + 1, paths);
  }

  /** Keeps a hunk: from here on the file is compared with this text. */
  keepBase(path: string, text: string): void {
    this.bases[path] = { text, at: this.seq };
  }

  private isSettled({ changeId, path }: FileChange): boolean {
    return this.undone.has(changeId) || this.kept.has(changeId) || this.kept.has(ofFile(changeId, path));
  }

  private changed(event: FileChanged, seq: number): boolean {
    if (event.rewind_id !== null) {
      return false; // Taking back is nothing to review.
    }
    this.changes.push({
      seq,
      changeId: event.change_id,
      path: event.path,
      label: event.label,
      before: event.before,
      after: event.after,
      added: event.added,
      removed: event.removed,
      moved: event.renamed_from !== null,
    });
    return true;
  }

  /** What hunks were kept of a file says nothing any more once changes of it are settled as a whole. */
  private settled(
    changeIds: readonly string[],
    as: Set<string>,
    by: number,
    paths: readonly string[] = [],
  ): boolean {
    const ids = new Set(changeIds);
    const fresh = this.changes.filter(
      (it) =>
        ids.has(it.changeId) &&
        (paths.length === 0 || paths.includes(it.path)) &&
        !as.has(it.changeId) &&
        !as.has(ofFile(it.changeId, it.path)),
    );
    for (const { changeId, path } of fresh) {
      as.add(paths.length === 0 ? changeId : ofFile(changeId, path));
    }
    for (const { path } of fresh) {
      if ((this.bases[path]?.at ?? by) < by) {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, so that it can be remembered as JSON
        delete this.bases[path];
      }
    }
    return fresh.length > 0;
  }
}

function ofFile(changeId: string, path: string): string {
  return `${changeId}\n${path}`;
}

/** Reads what a window remembered; what is not as it should be is as if it were not there. */
function readBases(remembered: unknown): Bases {
  if (typeof remembered !== "object" || remembered === null) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(remembered).filter((it): it is [string, Base] => {
      const base = it[1] as Partial<Base> | null;
      return typeof base?.text === "string" && typeof base.at === "number";
    }),
  );
}
