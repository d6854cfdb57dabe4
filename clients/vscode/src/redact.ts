/** Takes secrets out of text: those that are known, and whatever has the shape of one. */

import { homedir, userInfo } from "node:os";

const MARK = "[redacted]";

/** Words of the kinds that services give out as keys; each has a beginning that is its own. */
const SHAPES: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** The secrets of this window. */
export class Secrets {
  private readonly known = new Set<string>();

  /** Takes note of a secret, as it is and as it stands in JSON. */
  add(secret: string): void {
    if (secret.length >= 4) {
      this.known.add(secret);
      this.known.add(JSON.stringify(secret).slice(1, -1));
    }
  }

  /** Returns the text without secrets. */
  clean(text: string): string {
    let cleaned = text;
    for (const secret of this.known) {
      cleaned = cleaned.replaceAll(secret, MARK);
    }
    for (const shape of SHAPES) {
      cleaned = cleaned.replace(shape, MARK);
    }
    return cleaned;
  }

  /** Returns a value that is about to be written down, without secrets. */
  cleanValue(value: unknown): unknown {
    if (typeof value === "string") {
      return this.clean(value);
    }
    if (value instanceof Error) {
      return this.clean(value.stack ?? value.message);
    }
    if (typeof value === "object" && value !== null) {
      return this.clean(JSON.stringify(value));
    }
    return value;
  }
}

/** Returns the text with the names of folders of this person replaced: what stands there is nobody's business. */
export function withoutPlaces(text: string, places: readonly (readonly [string, string])[]): string {
  const longestFirst = [...places]
    .filter(([path]) => path.length > 1)
    .sort((a, b) => b[0].length - a[0].length);
  return longestFirst.reduce((rest, [path, name]) => rest.replaceAll(path, name), text);
}

/** Returns the names of this person and of their folder, each with what stands in its place. */
export function namesOfPerson(user: () => string = () => userInfo().username): [string, string][] {
  const home: [string, string] = [homedir(), "~"];
  try {
    return [home, [user(), "(user)"]];
  } catch {
    return [home]; // In a container the user may have no entry, and so no name.
  }
}
