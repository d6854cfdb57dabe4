/** Which hunks are to be kept or undone, and which are: the editor does it, and says when it has. */
import type { HunkOfChange, Settled } from "../src/chat/messages";

export class Settling {
  private readonly hunks = new Map<string, "asked" | "settled">();

  isSettled(hunk: HunkOfChange): boolean {
    return this.hunks.get(keyOf(hunk)) === "settled";
  }

  /** Return whether to ask for it: it is neither settled nor asked for already. */
  begins(hunk: HunkOfChange): boolean {
    const fresh = !this.hunks.has(keyOf(hunk));
    if (fresh) this.hunks.set(keyOf(hunk), "asked");
    return fresh;
  }

  /** Take note of what came of it; what could not be done can be asked for again. */
  told(hunk: Settled): void {
    if (hunk.done) this.hunks.set(keyOf(hunk), "settled");
    else this.hunks.delete(keyOf(hunk));
  }
}

function keyOf({ sessionId, changeId, path, hunk }: HunkOfChange): string {
  return JSON.stringify([sessionId, changeId, path, hunk]);
}
