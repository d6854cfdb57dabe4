/** What a row shows when it is open: the same for the page that draws it and for what is looked for in it. */
import { isOver } from "../src/session/calls";
import type { CallItem } from "../src/session/model";
import { brief, clipped, revealed, tail } from "./markdown/reveal";

const OUTPUT_LINES = 12;
const MOST_LINES = 12;
export const MOST_HUNKS = 20;

export interface Hunk {
  line: number;
  where: string;
  lines: string[];
  added: number;
  removed: number;
}

/** Lines that stand around a change. */
const AROUND = 3;

/** Read a unified diff: each run of changed lines is a hunk by itself, as it can be kept or undone by itself. */
export function hunksOf(diff: string): Hunk[] {
  const hunks: Hunk[] = [];
  let line = -1;
  let where = "";
  let around: string[] = [];
  let open: Hunk | null = null;
  for (const text of diff.split("\n")) {
    const head = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(text);
    if (head !== null) {
      [line, where, around, open] = [Number(head[1]), head[2] ?? "", [], null];
    } else if (line < 0) {
      continue;
    } else if (/^[-+]/.test(text)) {
      if (open === null) {
        open = { line, where, lines: around.slice(-AROUND), added: 0, removed: 0 };
        hunks.push(open);
      }
      open.lines.push(text);
      if (text.startsWith("+")) [open.added, line] = [open.added + 1, line + 1];
      else open.removed += 1;
    } else if (text.startsWith(" ")) {
      if (open !== null) [around, open] = [[], null];
      around.push(text);
      line += 1;
      const last = hunks.at(-1);
      if (last !== undefined && around.length <= AROUND && line - around.length === last.line + last.added)
        last.lines.push(text);
    }
  }
  return hunks;
}

/** Return the lines of a hunk as they are shown: sign, space, text. */
export function shownLines(hunk: Hunk): string[] {
  return shortened(hunk.lines).map((it) => `${it.slice(0, 1)} ${clipped(revealed(it.slice(1)), 400)}`);
}

/** Leave out what stands around the change first. */
function shortened(lines: string[]): string[] {
  if (lines.length <= MOST_LINES) return lines;
  const first = lines.findIndex((it) => !it.startsWith(" "));
  return lines.slice(Math.max(0, first - 1)).slice(0, MOST_LINES);
}

/** Return what a call was given, name and value, as far as it fits on a line. */
export function inputsOf(call: CallItem): [name: string, value: string][] {
  return Object.entries(call.input)
    .filter(([name, it]) => name !== "command" && isShort(it))
    .map(([name, it]) => [brief(name, 100), brief(String(it), 400)]);
}

/** Return all that a call came to, or has printed so far. */
export function outputOf(call: CallItem): string {
  return isOver(call) && call.content !== "" ? call.content : call.printed;
}

/** Return the end of that, and how many lines stand before it. */
export function shownOutput(call: CallItem): { text: string; before: number } {
  return tail(clipped(revealed(outputOf(call))), OUTPUT_LINES);
}

function isShort(value: unknown): value is string | number | boolean {
  return (
    ["number", "boolean"].includes(typeof value) ||
    (typeof value === "string" && value.length < 400 && value !== "")
  );
}
