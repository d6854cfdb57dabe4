/** What was worked out of a thing, until something that it came of is another. */

export class Remembered<K extends object, T> {
  private readonly all = new WeakMap<K, { readonly of: readonly unknown[]; readonly found: T }>();

  /** Returns what `find` finds; what it found before where all that it came `of` is the same. */
  of(key: K, of: readonly unknown[], find: () => T): T {
    const known = this.all.get(key);
    if (known?.of.length === of.length && known.of.every((it, at) => it === of[at])) {
      return known.found;
    }
    const found = find();
    this.all.set(key, { of, found });
    return found;
  }
}
