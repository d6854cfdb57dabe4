/** Checks of values from the other side of a message: each says what is wrong, or nothing. */

/** Returns what is wrong with a value; nothing where it fits. */
export type Check = (value: unknown) => string;

/** A string of at most `most` characters. */
export function text(most = 100_000): Check {
  return (value) => {
    if (typeof value !== "string") return "no text";
    return value.length <= most ? "" : `longer than ${most}`;
  };
}

export const number: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) ? "" : "no number";

export const bool: Check = (value) => (typeof value === "boolean" ? "" : "neither true nor false");

/** An object, whatever it holds. */
export const record: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? "" : "no object";

/** One of these words. */
export function oneOf(...words: readonly string[]): Check {
  const known = new Set(words);
  return (value) =>
    typeof value === "string" && known.has(value) ? "" : `none of ${words.length} known words`;
}

/** What may be null. */
export function maybe(check: Check): Check {
  return (value) => (value === null ? "" : check(value));
}

/** What may be left out. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? "" : check(value));
}

/** A list of at most `most` of them. */
export function array(check: Check, most: number): Check {
  return (value) => {
    if (!Array.isArray(value)) return "no list";
    if (value.length > most) return `a list of more than ${most}`;
    for (const [place, it] of value.entries()) {
      const why = check(it);
      if (why !== "") return `[${place}] ${why}`;
    }
    return "";
  };
}

/** An object with these fields; others are of no account. */
export function fields(checks: Record<string, Check>): Check {
  const known = Object.entries(checks);
  return (value) => {
    const none = record(value);
    if (none !== "") return none;
    for (const [name, check] of known) {
      const why = check((value as Record<string, unknown>)[name]);
      if (why !== "") return `${name}: ${why}`;
    }
    return "";
  };
}
