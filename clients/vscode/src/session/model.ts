/** What the chat shows of a session, as its events fold to it. */
import type {
  Balance,
  Fact,
  ModelFailed,
  ModelRetrying,
  PromptReceived,
  Projection,
  Question,
  SubagentFinished,
  SubagentStarted,
  TodoItem,
  TurnEnded,
  Update,
  Usage,
} from "../protocol_gen";

/** A publication; of a durable event, with its time. */
export type Stamped = Omit<Update, "at"> & { at?: number | null };

export type Outcome = "completed" | "failed" | "denied" | "cancelled" | "unknown" | "not_run";
export type CallStatus = "open" | "asking" | "decided" | "running" | Outcome;
export type FactName = Fact["name"];

/** Something in a turn. `rev` grows whenever it changes, so that only what changed is painted again. */
interface Piece {
  /** Names it within its session, for good. */
  key: string;
  rev: number;
}

export interface TextItem extends Piece {
  kind: "text";
  step: number;
  text: string;
  /** Whether it still grows. */
  live: boolean;
}

export interface ThinkingItem extends Piece {
  kind: "thinking";
  step: number;
  text: string;
  live: boolean;
}

/** Who decided about a call, and why. */
export interface Decision {
  decision: "allow" | "deny";
  by: "rule" | "person" | "nobody";
  rule: string;
  why: string;
  source: string;
  optionId: string | null;
  face: string;
  at: number | null;
}

/** One file's change. */
export interface Change {
  seq: number;
  turnId: string | null;
  callId: string | null;
  rewindId: string | null;
  changeId: string;
  label: string;
  path: string;
  added: number;
  removed: number;
  what: "edited" | "created" | "deleted" | "renamed";
  renamedFrom: string | null;
  where: "buffer" | "disk";
  diff: string;
  /** Whether nobody saw if it was made. */
  doubtful: boolean;
}

export interface Subagent {
  started: SubagentStarted;
  finished: SubagentFinished | null;
}

export interface CallItem extends Piece {
  kind: "call";
  id: string;
  turnId: string;
  step: number;
  tool: string;
  input: Record<string, unknown>;
  title: string;
  /** What kind of work it is, from its start on. */
  work: string;
  command: string | null;
  status: CallStatus;
  /** The end of what it has printed while it runs. */
  printed: string;
  /** What it came to. */
  content: string;
  details: Record<string, unknown>;
  seconds: number;
  startedAt: number | null;
  decision: Decision | null;
  /** The check that it runs; empty where a reply asked for it. */
  check: string;
  /** The files that its intent names. */
  intends: {
    path: string;
    before: string | null;
    after: string | null;
    movedFrom: string | null;
    inEditor: boolean;
  }[];
  changeId: string | null;
  changes: Change[];
  subagent: Subagent | null;
  /** Whether a restart found out what became of it. */
  settled: boolean;
}

/** What became of a question. */
export interface Answer {
  optionId: string | null;
  title: string;
  text: string;
  by: "person" | "nobody" | "withdrawn";
  face: string;
  at: number | null;
}

export interface QuestionItem extends Piece {
  kind: "question";
  question: Question;
  turnId: string | null;
  callId: string | null;
  /** null while it waits. */
  answer: Answer | null;
  /** Whether its turn or call ended without an answer. */
  gone: boolean;
}

export interface EvidenceRow {
  check: string;
  command: string;
  callId: string | null;
  outcome: "waiting" | "running" | "passed" | "failed" | "changed" | "not_run" | "denied";
  summary: string;
  output: string;
}

export interface VerdictItem extends Piece {
  kind: "verdict";
  state: "checking" | "failed" | "verified" | "not_verified";
  /** In the server's words, without what the state says already. */
  words: string;
  reason: string | null;
  rows: EvidenceRow[];
  seconds: number;
}

export interface PlanItem extends Piece {
  kind: "plan";
  items: TodoItem[];
}

export interface NoteItem extends Piece {
  kind: "note";
  level: "info" | "error";
  text: string;
  mend: string;
}

export interface DividerItem extends Piece {
  kind: "divider";
  what: "restarted" | "compacted" | "rewound" | "repaired" | "compacting";
  at: number | null;
  words: string;
  detail: string;
}

/** A prompt that joined its turn. */
export interface SaidItem extends Piece {
  kind: "said";
  prompt: PromptReceived;
}

export type Item =
  | TextItem
  | ThinkingItem
  | CallItem
  | QuestionItem
  | VerdictItem
  | PlanItem
  | NoteItem
  | DividerItem
  | SaidItem;

/** A prompt that waits: for the end of the turn in progress, or where it steers for that turn's next step. */
export interface Waiting {
  prompt: PromptReceived;
  steers: boolean;
}

/** A prompt and all that came of it. */
export interface Turn extends Piece {
  kind: "turn";
  id: string;
  seq: number;
  prompt: PromptReceived;
  /** Whether it has begun; until then it waits. */
  routed: boolean;
  items: Item[];
  step: number;
  ended: TurnEnded | null;
  startedAt: number | null;
  /** The plan as it was before. */
  planBefore: TodoItem[];
  failure: ModelFailed | null;
  /** By which event it began. */
  mark: number;
}

export type Entry = Turn | DividerItem;

/** What goes on at this moment; nothing of it is on record. */
export interface Live {
  turnId: string;
  stage: "thinking" | "writing" | "running" | "waiting" | "saving" | "compacting" | "";
  detail: string;
  step: number;
}

export interface Retry {
  attempt: number;
  of: number;
  seconds: number;
  message: string;
  kind: ModelRetrying["kind"];
  /** The message in a few words. */
  why: string;
}

export interface Grant {
  id: string;
  rule: string;
  scope: "session" | "workspace";
}

/** The newest call of the model: what it was thought to use, and what it did. */
export interface LastCall {
  turnId: string;
  step: number;
  projection: Projection;
  balances: Balance[];
  open: boolean;
  /** US dollars that it came to; null where they are not known. */
  cost: number | null;
}

export interface Session {
  id: string;
  seq: number;
  rev: number;
  title: string;
  roots: string[];
  parentId: string | null;
  mode: string;
  model: string;
  agentType: string;
  trusted: boolean;
  trust: string;
  entries: Entry[];
  /** Open ones, in the order in which they were asked. */
  questions: Map<string, QuestionItem>;
  /** The calls of the step in progress. */
  calls: Map<string, CallItem>;
  grants: Grant[];
  /** In the order in which they were written. */
  queue: Waiting[];
  plan: TodoItem[];
  changes: Change[];
  undone: Set<string>;
  /** Changes that a person has looked at and keeps, by their ids; of some of their files alone, as `ofFile` names them. */
  kept: Set<string>;
  rewinding: { id: string; undoes: string[] } | null;
  subagents: Map<string, CallItem>;
  usage: Usage;
  cost: number | null;
  lastUsage: Usage | null;
  lastCall: LastCall | null;
  live: Live | null;
  retry: Retry | null;
  halted: { message: string; mend: string } | null;
  turnCount: number;
  callCount: number;
  closed: boolean;
  lastEnd: TurnEnded | null;
}

/** Return a session of which nothing is known yet. */
export function emptySession(id = ""): Session {
  return {
    id,
    seq: 0,
    rev: 0,
    title: "",
    roots: [],
    parentId: null,
    mode: "default",
    model: "",
    agentType: "",
    trusted: false,
    trust: "",
    entries: [],
    questions: new Map(),
    calls: new Map(),
    grants: [],
    queue: [],
    plan: [],
    changes: [],
    undone: new Set(),
    kept: new Set(),
    rewinding: null,
    subagents: new Map(),
    usage: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
    cost: 0,
    lastUsage: null,
    lastCall: null,
    live: null,
    retry: null,
    halted: null,
    turnCount: 0,
    callCount: 0,
    closed: false,
    lastEnd: null,
  };
}

/** Return the turn with this id that has not ended. */
export function openTurn(session: Session, turnId: string | null): Turn | null {
  for (let at = session.entries.length - 1; at >= 0; at--) {
    const entry = session.entries[at];
    if (entry?.kind === "turn" && entry.id === turnId) return entry.ended === null ? entry : null;
  }
  return null;
}

/** Return the turn in progress, or the next to begin. */
export function currentTurn(session: Session): Turn | null {
  for (const entry of session.entries.slice(-50)) {
    if (entry.kind === "turn" && entry.ended === null) return entry;
  }
  return null;
}

/** Return the turns that have not ended, the one in progress first. */
export function openTurns(session: Session): Turn[] {
  return session.entries.filter((it): it is Turn => it.kind === "turn" && it.ended === null);
}

/** Return the turns that the conversation holds. */
export function turns(session: Session): Turn[] {
  return session.entries.filter((it): it is Turn => it.kind === "turn");
}

/** Return what a change of one file is known by. */
export function ofFile(changeId: string, path: string): string {
  return `${changeId}\n${path}`;
}

/** Whether a change of one file was kept or taken back, as the record of a session says. */
export function isSettled(session: Session, changeId: string, path: string): boolean {
  const { undone, kept } = session;
  return undone.has(changeId) || kept.has(changeId) || kept.has(ofFile(changeId, path));
}

/** Note that something of a turn changed. */
export function touch(turn: Turn | null, piece?: Item): void {
  if (piece !== undefined) piece.rev += 1;
  if (turn !== null) turn.rev += 1;
}

/** Note that something of these changes is otherwise now: whether they can be kept or undone. */
export function touchChanges(session: Session, changeIds: ReadonlySet<string>): void {
  if (changeIds.size === 0) return;
  for (const turn of turns(session))
    for (const item of turn.items)
      if (item.kind === "call" && item.changes.some((it) => changeIds.has(it.changeId))) touch(turn, item);
}

/** Add what may be unknown: unknown stays unknown. */
export function added(total: number | null, cost: number | null): number | null {
  return total === null || cost === null ? null : total + cost;
}
