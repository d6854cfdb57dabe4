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
  SaidItem,
  TextItem,
  ThinkingItem,
  Turn,
  VerdictItem,
} from "./model";
import { ofFile } from "./model";

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
  /** `expects` says whether what is done should have evidence. */
  | (Line & { kind: "plan"; item: PlanItem; expects: boolean })
  | (Line & { kind: "note"; item: NoteItem })
  | (Line & { kind: "said"; item: SaidItem })
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
    for (const row of rowsOfItem(item, turn)) {
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

function rowsOfItem(item: Item, turn: Turn): Row[] {
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
      return item.items.length === 0
        ? []
        : [{ kind: "plan", key, rev, item, expects: expectsEvidence(turn) }];
    case "verdict":
      return [{ kind: "verdict", key, rev, item }];
    case "note":
      return [{ kind: "note", key, rev, item }];
    case "said":
      return [{ kind: "said", key, rev, item }];
    case "divider":
      return [{ kind: "divider", key, rev, item }];
  }
}

/** Whether what a turn did should have evidence: it edited files, and the last word on them is not that they are verified. */
function expectsEvidence(turn: Turn): boolean {
  const verdict = turn.items.findLast((it): it is VerdictItem => it.kind === "verdict");
  return verdict !== undefined && verdict.state !== "verified" && verdict.state !== "checking";
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
  /** By how many lines the files differ from what they were; null where that is not known of all of them. */
  net: Net | null;
}

/** Lines that are there now and were not before, and the other way round: a line that came and went is neither. */
export interface Net {
  added: number;
  removed: number;
}

/** What is to be looked at, as the editor has it. */
export interface ToReview {
  open: readonly { changeId: string; path: string }[];
  counts: readonly { path: string; net: Net | null }[];
}

/** Count what is still to be looked at. Without word of what is open, it is what the session changed and is not settled. */
export function changedFiles(
  changes: readonly Change[],
  settled: ReadonlySet<string>,
  review: ToReview | null,
): ChangedFiles {
  const wanted = review === null ? null : new Set(review.open.map((it) => ofFile(it.changeId, it.path)));
  const counts = new Map(review?.counts.map((it) => [it.path, it.net]));
  const byPath = new Map<string, Net | null>();
  for (const it of changes) {
    if (it.rewindId !== null || settled.has(it.changeId)) continue;
    if (settled.has(ofFile(it.changeId, it.path))) continue;
    if (wanted !== null && !wanted.has(ofFile(it.changeId, it.path))) continue;
    // Of several changes of a file the lines cannot be told apart here.
    const own = byPath.has(it.path) ? null : { added: it.added, removed: it.removed };
    byPath.set(it.path, counts.has(it.path) ? (counts.get(it.path) ?? null) : own);
  }
  let net: Net | null = { added: 0, removed: 0 };
  for (const it of byPath.values()) {
    net = net && it && { added: net.added + it.added, removed: net.removed + it.removed };
  }
  return { files: byPath.size, net };
}
