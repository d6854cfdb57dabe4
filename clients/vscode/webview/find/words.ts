/**
 * The words of a line as they are shown when it is open: what is found is what can be seen.
 *
 * Of a long output that is its end; the whole of it opens in an editor, which finds in it. Of a sub-agent it is its task and
 * what it came to: what it did has lines of its own, in a session of its own.
 */
import type { CallItem, PlanItem } from "../../src/session/model";
import { readsTitle, type Row } from "../../src/session/rows";
import type { PromptContext } from "../../src/protocol_gen";
import { nameAndFolder } from "../format";
import { labelOf } from "../label";
import { hunksOf, inputsOf, MOST_HUNKS, shownLines, shownOutput } from "../inside";
import { brief, clipped, revealed } from "../markdown/reveal";
import type { Shown } from "../view/log";

/** Longer prose is not looked through, as it is not shown as prose. */
const LONGEST = 60_000;

/** Return the words of a line; empty where nobody wrote any. */
export function wordsOf(line: Shown, roots: readonly string[]): string {
  if (line.kind === "folded" || line.kind === "onward") return "";
  if (line.kind === "prompt") return prompted(line.turn.prompt);
  return ofRow(line.row, roots);
}

function ofRow(row: Row, roots: readonly string[]): string {
  switch (row.kind) {
    case "prose":
      return plain(clipped(revealed(row.item.text.slice(0, LONGEST)), 20_000));
    case "thought":
      return clipped(revealed(row.item.text));
    case "reads":
      return row.calls.length === 1
        ? join(readsTitle(row.calls), ...row.calls.map(inside))
        : join(readsTitle(row.calls), ...row.calls.map(titleOf));
    case "call":
      return join(titleOf(row.call), inside(row.call));
    case "change":
      return changed(row, roots);
    case "agent": {
      const started = row.call.subagent?.started;
      return join(
        started === undefined ? titleOf(row.call) : `${brief(started.agent_type)} ${brief(started.title)}`,
        brief(row.call.content.trim().split("\n", 1)[0] ?? ""),
      );
    }
    case "card":
    case "answered": {
      const { title, subject, facts } = row.item.question;
      if (row.kind === "answered") return join(brief(subject), brief(row.item.answer?.text ?? ""));
      return join(brief(title), brief(subject, 10_000), ...facts.map((it) => brief(it.text, 4_000)));
    }
    case "verdict":
      return join(
        brief(row.item.words),
        ...row.item.rows.map((it) => join(brief(it.command), brief(it.summary))),
      );
    case "plan":
      return planned(row.item);
    case "note":
      return `${brief(row.item.text)} ${brief(row.item.mend)}`;
    case "said":
      return prompted(row.item.prompt);
    case "divider":
      return row.item.what === "compacted"
        ? ""
        : brief(row.item.what === "rewound" ? row.item.words : row.item.detail);
  }
}

function prompted({ text, context }: { text: string; context: readonly PromptContext[] }): string {
  return join(clipped(revealed(text)), ...context.map((it) => brief(labelOf(it))));
}

function titleOf(call: CallItem): string {
  return brief(call.command ?? (call.title === "" ? call.tool : call.title)).replace(/\n/g, " ⏎ ");
}

function inside(call: CallItem): string {
  return join(...inputsOf(call).flat(), shownOutput(call).text);
}

function changed(row: Row & { kind: "change" }, roots: readonly string[]): string {
  const { name, folder } = nameAndFolder(row.change.path, roots);
  const hunks = hunksOf(row.change.diff).slice(0, MOST_HUNKS);
  return join(brief(name), brief(folder), ...hunks.flatMap(shownLines));
}

function planned(item: PlanItem): string {
  return join(...item.items.map((it) => brief(it.text)));
}

function join(...parts: readonly string[]): string {
  return parts.filter((it) => it !== "").join("\n");
}

/** Prose without the marks of its Markdown; code stays as it is. */
export function plain(source: string): string {
  return source
    .split(/(^ {0,3}```[^\n]*\n[\s\S]*?(?:^ {0,3}```[ \t]*$|$(?![\s\S])))/m)
    .map((piece, place) => (place % 2 === 1 ? piece.replace(/^ {0,3}```[^\n]*$/gm, "") : unmarked(piece)))
    .join("");
}

function unmarked(text: string): string {
  return text
    .replace(/\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
    .replace(/^ {0,3}(?:#{1,6} +|> ?)/gm, "")
    .replace(/\*\*|__|~~|`/g, "")
    .replace(/(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])/g, "");
}
