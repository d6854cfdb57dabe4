/** What a code block of the chat would make of a text: put in at the cursor, or in place of the whole file. Nothing here knows VS Code. */

import { diff, linesOf } from "../review/lines";

/** A place in a text, by its offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line that says that something is left out. */
const LEFT_OUT = /^\s*(?:#|\/\/|\/\*|--|<!--)?\s*(?:\.\.\.|…)/m;
/** How much of a file has to stand in a block that is the whole of it. */
const SHARED = 0.5;

/** Returns a text with a block in place of each selection, in the text's own line ends. */
export function inserted(text: string, selections: readonly Span[], block: string): string {
  const put = asIn(text, block);
  let made = "";
  let at = 0;
  for (const { start, end } of [...selections].sort((a, b) => a.start - b.start)) {
    made += text.slice(at, start) + put;
    at = end;
  }
  return made + text.slice(at);
}

/** Returns the whole file that a block is; undefined where it is a piece of it: it leaves out what it says, or most of the file. */
export function whole(file: string, block: string): string | undefined {
  const old = linesOf(file.replace(/\r\n/g, "\n").trimEnd());
  const now = linesOf(block.replace(/\r\n/g, "\n").trimEnd());
  if (LEFT_OUT.test(block) && !LEFT_OUT.test(file)) {
    return undefined;
  }
  const changed = diff(old, now).reduce((lines, it) => lines + it.to - it.from, 0);
  if (old.length - changed < old.length * SHARED) {
    return undefined;
  }
  return asIn(file, `${block.replace(/\r?\n$/, "")}${/\n$/.test(file) ? "\n" : ""}`);
}

function asIn(text: string, block: string): string {
  const plain = block.replace(/\r\n/g, "\n");
  return text.includes("\r\n") ? plain.replace(/\n/g, "\r\n") : plain;
}
