/** Text from outside as it may be shown: what hides, reorders or steers is written as escapes, as the server writes it. */

const HIDING =
  "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f" +
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f" +
  "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0e\\ufeff\\uffa0\\ufff0-\\ufffb" +
  "\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}\\ud800-\\udfff";
const PICTURE = "\\u00a9\\u00ae\\u203c-\\u3299\\u{1f000}-\\u{1faff}";

// eslint-disable-next-line no-misleading-character-class -- it is about single characters, joiners among them
const hiding = new RegExp(`[${HIDING}]|(?<![${PICTURE}])\\ufe0f`, "gu");
const plain = /^[\t\n\x20-\x7e]*$/;

/** Return the text with characters that hide or reorder others written as escapes; lines stay lines. */
export function revealed(text: string): string {
  const lines = text.includes("\r") ? text.replace(/\r\n/g, "\n") : text;
  return plain.test(lines) ? lines : lines.replace(hiding, escape);
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\r") return "\\r";
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Characters of one line that are shown: longer ones stall the layout. */
const LONGEST_LINE = 2_000;

/** Return lines of which none is longer than can be shown. */
export function clipped(text: string, longest = LONGEST_LINE): string {
  if (text.length <= longest) return text;
  return text
    .split("\n")
    .map((line) =>
      line.length <= longest ? line : `${line.slice(0, longest)}… (${line.length - longest} more characters)`,
    )
    .join("\n");
}

/** Characters of a title, a name or a sentence that are shown. */
const LONGEST_SAYING = 1_000;

/** Return a short text as it may be shown: what is longer than anybody reads is cut, and says so. */
export function brief(text: string, longest = LONGEST_SAYING): string {
  if (text.length <= longest) return revealed(text);
  return `${revealed(text.slice(0, longest))}… (${text.length - longest} more characters)`;
}

/** Return the last lines of a text, and how many come before them. */
export function tail(text: string, most: number): { text: string; before: number } {
  const lines = text.replace(/\n+$/, "").split("\n");
  const before = Math.max(0, lines.length - most);
  return { text: lines.slice(before).join("\n"), before };
}
