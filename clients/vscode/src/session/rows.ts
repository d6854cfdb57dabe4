/** The lines that a turn is shown as: prose, one line for each piece of work, and what waits for a person. */
import { isOver } from "./calls";
import type {
  CallItem,
  Change,
  DividerItem,
  Item,
  NoteItem,
  PlanItem,
  QuestionItem,
  TextItem,
  ThinkingItem,
  Turn,
  VerdictItem,
} from "./model";

interface Line {
  key: string;
  /** Grows whenever the line changes. */
  rev: number;
}

export type Row =
  | (Line & { kind: "prose"; item: TextItem })
  | (Line & { kind: "thought"; item: ThinkingItem })
  /** Reads and searches of one step that follow each other. */
  | (Line & { kind: "reads"; calls: CallItem[] })
  | (Line & { kind: "call"; call: CallItem })
  | (Line & { kind: "change"; call: CallItem; change: Change })
  | (Line & { kind: "agent"; call: CallItem })
  | (Line & { kind: "card"; item: QuestionItem })
  | (Line & { kind: "answered"; item: QuestionItem })
  | (Line & { kind: "verdict"; item: VerdictItem })
  | (Line & { kind: "plan"; item: PlanItem })
  | (Line & { kind: "note"; item: NoteItem })
  | (Line & { kind: "divider"; item: DividerItem });

export interface RowOptions {
  foldReads: boolean;
}

/** Tools whose work is shown in another place: the plan, the question, the file. */
const SILENT = new Set(["todo", "ask_user", "propose_plan"]);
const EDITS = new Set(["edit", "delete", "move"]);

/** Return the lines of a turn, in order. */
export function rowsOf(turn: Turn, options: RowOptions): Row[] {
  const rows: Row[] = [];
  for (const item of turn.items) {
    // While it works the plan stands above the composer.
    if (item.kind === "plan" && turn.ended === null) continue;
    for (const row of rowsOfItem(item)) {
      const last = rows.at(-1);
      if (options.foldReads && row.kind === "reads" && last?.kind === "reads" && sameStep(last, row)) {
        last.calls.push(...row.calls);
        last.rev += row.rev + 1;
      } else {
        rows.push(row);
      }
    }
  }
  return rows;
}

function rowsOfItem(item: Item): Row[] {
  const { key, rev } = item;
  switch (item.kind) {
    case "text":
      return item.text.trim() === "" ? [] : [{ kind: "prose", key, rev, item }];
    case "thinking":
      return item.text.trim() === "" ? [] : [{ kind: "thought", key, rev, item }];
    case "call":
      return rowsOfCall(item);
    case "question":
      if (item.answer === null) return item.gone ? [] : [{ kind: "card", key, rev, item }];
      return item.answer.by === "person" ? [{ kind: "answered", key, rev, item }] : [];
    case "plan":
      return item.items.length === 0 ? [] : [{ kind: "plan", key, rev, item }];
    case "verdict":
      return [{ kind: "verdict", key, rev, item }];
    case "note":
      return [{ kind: "note", key, rev, item }];
    case "divider":
      return [{ kind: "divider", key, rev, item }];
  }
}

function rowsOfCall(call: CallItem): Row[] {
  const { key, rev } = call;
  if (call.tool === "delegate" && call.subagent !== null) return [{ kind: "agent", key, rev, call }];
  if (call.changes.length > 0 && call.status !== "unknown") {
    return call.changes.map((change) => ({
      kind: "change",
      key: `${key} ${change.seq} ${change.path}`,
      rev,
      call,
      change,
    }));
  }
  // What a person denied stands there as the answer to the question.
  if (call.status === "denied" && call.decision?.by === "person") return [];
  // What waits is a card or a stage; an edit is shown when it is made and not before.
  if (["open", "asking", "decided"].includes(call.status)) return [];
  if (call.status === "running" && EDITS.has(call.work)) return [];
  if (SILENT.has(call.tool) && (call.status === "completed" || !isOver(call))) return [];
  if (call.status === "not_run" && call.title === "") return [];
  const folds = (call.work === "read" || call.work === "search") && !isBad(call);
  return [folds ? { kind: "reads", key, rev, calls: [call] } : { kind: "call", key, rev, call }];
}

/** Whether a line opens itself: what went wrong, or may have. */
export function isBad(call: CallItem): boolean {
  return call.status === "failed" || call.status === "unknown" || exitCode(call) > 0;
}

/** Return what a command ended with; 0 where it is not known. */
export function exitCode(call: CallItem): number {
  const code = call.details["exit_code"];
  return typeof code === "number" ? code : 0;
}

/** Return what reads and searches are called together: *Read 4 files, searched 2 times*. */
export function readsTitle(calls: readonly CallItem[]): string {
  const running = calls.some((it) => !isOver(it));
  const [only] = calls;
  if (calls.length === 1 && only !== undefined && only.title !== "") return only.title;
  const reads = calls.filter((it) => it.work === "read");
  const files = new Set(reads.map((it) => pathOf(it))).size;
  const searches = calls.length - reads.length;
  const parts: string[] = [];
  if (files > 0) parts.push(`${running ? "reading" : "read"} ${files === 1 ? "1 file" : `${files} files`}`);
  if (searches > 0) parts.push(`${running ? "searching" : "searched"} ${times(searches)}`);
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function pathOf(call: CallItem): string {
  const path = call.input["path"];
  return typeof path === "string" ? path : call.key;
}

function sameStep(one: { calls: CallItem[] }, other: { calls: CallItem[] }): boolean {
  return one.calls[0]?.step === other.calls[0]?.step;
}

/** Changes of a session that nobody has kept or undone, file by file. */
export interface ChangedFiles {
  files: number;
  added: number;
  removed: number;
}

/** Count what is still to be looked at. Without word of what was kept, it is what the session changed and nobody took back. */
export function changedFiles(
  changes: readonly Change[],
  undone: ReadonlySet<string>,
  open: readonly { changeId: string; path: string }[] | null,
): ChangedFiles {
  const wanted = open === null ? null : new Set(open.map((it) => `${it.changeId}\n${it.path}`));
  const paths = new Set<string>();
  let added = 0;
  let removed = 0;
  for (const it of changes) {
    if (it.rewindId !== null || undone.has(it.changeId)) continue;
    if (wanted !== null && !wanted.has(`${it.changeId}\n${it.path}`)) continue;
    paths.add(it.path);
    added += it.added;
    removed += it.removed;
  }
  return { files: paths.size, added, removed };
}
