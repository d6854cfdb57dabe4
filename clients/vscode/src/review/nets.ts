/** How many lines files have more and less than what they are compared with, whatever came between. Nothing here knows VS Code. */

import type { OpenFile } from "./ledger";
import { diff, linesOf } from "./lines";

export interface Net {
  readonly added: number;
  readonly removed: number;
}

interface Known {
  readonly before: string | null;
  readonly after: string | null;
  readonly base: string | undefined;
  /** Undefined while the texts are asked for. */
  net: Net | undefined;
}

export class Nets {
  private readonly known = new Map<string, Known>();

  /** `text` returns a text by its hash, undefined where it cannot be had. */
  constructor(private readonly text: (hash: string | null) => Promise<string | undefined>) {}

  /** Returns the count of a file, compared with `base` where hunks of it were kept; undefined where it is not known yet. */
  of(file: OpenFile, base: string | undefined): Net | undefined {
    const [only, ...more] = file.changes;
    if (only !== undefined && more.length === 0 && base === undefined) {
      return { added: only.added, removed: only.removed };
    }
    return this.noted(file, base)?.net;
  }

  /** Counts what is not known; returns whether something is known now that was not. */
  async learn(file: OpenFile, base: string | undefined): Promise<boolean> {
    if (this.of(file, base) !== undefined || this.noted(file, base) !== undefined) {
      return false;
    }
    const entry: Known = { before: file.before, after: file.after, base, net: undefined };
    this.known.set(file.path, entry);
    const [before, after] = await Promise.all([base ?? this.text(file.before), this.text(file.after)]);
    const isLast = this.known.get(file.path) === entry;
    if (before === undefined || after === undefined) {
      if (isLast) {
        this.known.delete(file.path); // It is asked for again.
      }
      return false;
    }
    entry.net = netOf(before, after);
    return isLast;
  }

  private noted({ path, before, after }: OpenFile, base: string | undefined): Known | undefined {
    const it = this.known.get(path);
    return it?.before === before && it.after === after && it.base === base ? it : undefined;
  }
}

function netOf(before: string, after: string): Net {
  const hunks = diff(linesOf(before), linesOf(after));
  return {
    added: hunks.reduce((sum, it) => sum + it.end - it.start, 0),
    removed: hunks.reduce((sum, it) => sum + it.to - it.from, 0),
  };
}
