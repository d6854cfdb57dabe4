/** Texts that are only here, each by a number; those that nobody looks at any more go, the oldest first. Nothing here knows VS Code. */

/** Texts that are kept beside those in view: so many diffs can be gone back to. */
const MOST = 30;

export class Texts {
  private readonly texts = new Map<number, string>();
  private last = 0;

  /** Keeps a text and returns its number; `shown` are the numbers of those that an open document has. */
  put(text: string, shown: ReadonlySet<number>): number {
    const known = [...this.texts].find(([, it]) => it === text)?.[0];
    const place = known ?? ++this.last;
    this.texts.delete(place);
    this.texts.set(place, text); // It is the newest now.
    let left = this.texts.size - MOST;
    for (const it of this.texts.keys()) {
      if (left <= 0) {
        break;
      }
      if (it !== place && !shown.has(it)) {
        this.texts.delete(it);
        left -= 1;
      }
    }
    return place;
  }

  get(place: number): string | undefined {
    return this.texts.get(place);
  }

  get size(): number {
    return this.texts.size;
  }
}
