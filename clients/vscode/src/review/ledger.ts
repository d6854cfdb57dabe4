/** Which changes of a session nobody has looked at yet: a fold of its events and of what the person kept. */

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
}

/** The changes of one file that are open, the first to the last. */
export interface OpenFile {
  readonly path: string;
  readonly changes: readonly FileChange[];
  /** By its hash; null where there was no file. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What a person has kept, as it is remembered from window to window. */
export interface Kept {
  /** The event up to which a file's changes are kept, by its path. */
  upto: Record<string, number>;
  /** What a file is compared with where some of its hunks are kept, by its path. */
  bases: Record<string, string>;
}

export class Ledger {
  private changes: FileChange[] = [];
  private readonly undone = new Set<string>();
  private readonly undoing = new Map<string, string[]>();

  constructor(readonly kept: Kept = { upto: {}, bases: {} }) {}

  /** Takes note of an event; returns whether something changed. */
  apply(update: Update): boolean {
    const event: PostilEvent = update.event;
    if (update.seq === null) {
      return false;
    }
    switch (event.type) {
      case "FileChanged":
        return this.changed(event, update.seq);
      case "RewindStarted":
        this.undoing.set(event.rewind_id, event.undoes);
        return false;
      case "Rewound":
        return this.rewound(event.undone ?? this.undoing.get(event.rewind_id) ?? []);
      default:
        return false;
    }
  }

  /** Returns the files with open changes, in the order in which they were changed. */
  files(): OpenFile[] {
    const byPath = new Map<string, FileChange[]>();
    for (const change of this.changes) {
      if (!this.undone.has(change.changeId) && change.seq > (this.kept.upto[change.path] ?? 0)) {
        byPath.set(change.path, [...(byPath.get(change.path) ?? []), change]);
      }
    }
    const files: OpenFile[] = [];
    for (const [path, changes] of byPath) {
      const first = changes[0];
      const last = changes.at(-1);
      if (first !== undefined && last !== undefined && first.before !== last.after) {
        files.push({ path, changes, before: first.before, after: last.after });
      }
    }
    return files;
  }

  /** Returns a file's open changes. */
  file(path: string): OpenFile | undefined {
    return this.files().find((it) => it.path === path);
  }

  /** Returns one change, open or not. */
  change(changeId: string, path: string): FileChange | undefined {
    return this.changes.find((it) => it.changeId === changeId && it.path === path);
  }

  /** Keeps all of a file as it is. */
  keepFile(path: string): void {
    const last = this.changes.findLast((it) => it.path === path);
    if (last !== undefined) {
      this.kept.upto[path] = last.seq;
    }
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, so that it can be remembered as JSON
    delete this.kept.bases[path];
  }

  /** Keeps a hunk: from here on the file is compared with this text. */
  keepBase(path: string, base: string): void {
    this.kept.bases[path] = base;
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
    });
    return true;
  }

  private rewound(changeIds: readonly string[]): boolean {
    for (const id of changeIds) {
      this.undone.add(id);
    }
    for (const it of this.changes.filter((each) => changeIds.includes(each.changeId))) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- see above
      delete this.kept.bases[it.path];
    }
    return changeIds.length > 0;
  }
}
