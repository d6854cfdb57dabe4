/** How turns and sessions begin, go back and end in what the chat shows. */
import type {
  ChangesKept,
  Compacted,
  CompactionFailed,
  CompactionStarted,
  ConfigurationInForce,
  HookEnded,
  JournalRepaired,
  PromptReceived,
  Rewound,
  Routed,
  SessionCreated,
  SessionResumed,
  TodoUpdated,
  TurnEnded,
} from "../protocol_gen";
import { isOver } from "./calls";
import {
  currentTurn,
  ofFile,
  type DividerItem,
  type Item,
  type NoteItem,
  openTurn,
  type Session,
  type Stamped,
  touch,
  touchChanges,
  type Turn,
} from "./model";

const LONGEST_TITLE = 80;

export function created(session: Session, event: SessionCreated): void {
  session.id = event.session_id;
  session.roots = event.roots;
  session.parentId = event.parent?.session_id ?? null;
}

export function configured(session: Session, event: ConfigurationInForce): void {
  session.mode = event.mode;
  session.model = event.model;
  session.agentType = event.agent_type;
  session.trusted = event.trusted;
  session.trust = event.trust;
}

export function prompted(session: Session, event: PromptReceived, update: Stamped): void {
  session.turnCount += 1;
  session.entries.push({
    kind: "turn",
    key: `turn ${event.turn_id} ${update.after}`,
    rev: 0,
    id: event.turn_id,
    seq: update.after,
    prompt: event,
    routed: false,
    items: [],
    step: 0,
    ended: null,
    startedAt: update.at ?? null,
    planBefore: session.plan,
    failure: null,
    mark: 0,
  });
  if (session.title === "") session.title = titleOf(event);
}

export function routed(session: Session, event: Routed, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  turn.routed = true;
  turn.planBefore = session.plan;
  turn.startedAt = update.at ?? null;
  turn.mark = update.after;
  session.calls = new Map();
  touch(turn);
}

export function planned(session: Session, event: TodoUpdated, update: Stamped): void {
  session.plan = event.items;
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  const known = turn.items.find((it) => it.kind === "plan");
  if (known?.kind === "plan") {
    known.items = event.items;
    touch(turn, known);
    return;
  }
  turn.items.push({ kind: "plan", key: `plan ${update.after}`, rev: 0, items: event.items });
  touch(turn);
}

export function ended(session: Session, event: TurnEnded, update: Stamped): void {
  session.lastEnd = event;
  session.live = null;
  session.retry = null;
  const turn = openTurn(session, event.turn_id);
  for (const [id, item] of session.questions) {
    if (item.turnId !== event.turn_id) continue;
    item.gone = true;
    session.questions.delete(id);
    touch(turn, item);
  }
  if (turn === null) return;
  turn.ended = event;
  for (const item of turn.items) {
    if ((item.kind === "text" || item.kind === "thinking") && item.live) {
      item.live = false;
      touch(turn, item);
    }
  }
  if (event.message !== "" && event.reason !== "end_turn") {
    const error = event.reason !== "cancelled" && event.reason !== "budget_exhausted";
    note(turn, update, error ? "error" : "info", event.message, event.mend);
  }
  touch(turn);
}

export function rewound(session: Session, event: Rewound, update: Stamped): void {
  const known = session.rewinding;
  const undone = event.undone ?? (event.outcome === "completed" ? (known?.undoes ?? []) : []);
  for (const id of undone) session.undone.add(id);
  touchChanges(session, new Set(undone));
  session.rewinding = null;
  for (const entry of session.entries) touch(entry.kind === "turn" ? entry : null);
  const to = session.entries.find(
    (it): it is Turn => it.kind === "turn" && it.routed && it.id === event.turn_id,
  );
  if (to === undefined) return;
  session.plan = to.planBefore;
  session.calls = new Map();
  const cut = to.mark;
  const kept = session.entries.filter((it) => it.kind !== "turn" || !it.routed || it.mark < cut);
  const waiting = kept.findIndex((it) => it.kind === "turn" && !it.routed);
  const words = titleOf(to.prompt);
  const divider = dividerOf(
    "rewound",
    update,
    words,
    event.left.map((it) => `${it.path}: ${it.why}`).join("\n"),
  );
  kept.splice(waiting < 0 ? kept.length : waiting, 0, divider);
  session.entries = kept;
}

export function kept(session: Session, event: ChangesKept): void {
  for (const id of event.change_ids) {
    if (event.paths.length === 0) session.kept.add(id);
    for (const path of event.paths) session.kept.add(ofFile(id, path));
  }
  touchChanges(session, new Set(event.change_ids));
}

export function resumed(session: Session, event: SessionResumed, update: Stamped): void {
  session.closed = false;
  session.live = null;
  session.retry = null;
  session.halted = null;
  if (event.clean) return;
  place(session, dividerOf("restarted", update, "", event.reason));
  // What was under way stands below: what became of it is found out now.
  const turn = currentTurn(session);
  const open = new Set<Item>([...session.calls.values()].filter((it) => !isOver(it)));
  if (turn === null || open.size === 0) return;
  for (const call of session.calls.values()) if (open.has(call)) call.settled = true;
  turn.items = [...turn.items.filter((it) => !open.has(it)), ...open];
  touch(turn);
}

export function repaired(session: Session, event: JournalRepaired, update: Stamped): void {
  if (event.lost === null) return;
  session.questions.clear();
  session.grants = session.grants.filter((it) => it.scope !== "session");
  place(session, dividerOf("repaired", update, "", [...event.lost.paths, ...event.lost.commands].join("\n")));
}

export function compacting(session: Session, event: CompactionStarted, update: Stamped): void {
  place(session, { ...dividerOf("compacting", update, "", ""), key: `compaction ${event.compaction_id}` });
}

export function compacted(session: Session, event: Compacted, update: Stamped): void {
  const divider =
    compactionOf(session, event.compaction_id) ?? place(session, dividerOf("compacted", update, "", ""));
  divider.what = "compacted";
  divider.words = `${event.before} ${event.after}`;
  divider.rev += 1;
  touch(openTurn(session, event.turn_id));
}

export function compactionFailed(session: Session, event: CompactionFailed, update: Stamped): void {
  const gone = `compaction ${event.compaction_id}`;
  session.entries = session.entries.filter((it) => it.key !== gone);
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  turn.items = turn.items.filter((it) => it.key !== gone);
  if (event.reason === "failed") note(turn, update, "error", event.message, event.mend);
  touch(turn);
}

export function hookEnded(session: Session, event: HookEnded, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null || event.message === "") return;
  note(turn, update, event.outcome === "failed" ? "error" : "info", event.message, "");
}

/** Put a sentence of Postil's own into a turn. */
export function note(
  turn: Turn,
  update: Stamped,
  level: NoteItem["level"],
  text: string,
  mend: string,
): void {
  turn.items.push({ kind: "note", key: `note ${update.after}`, rev: 0, level, text, mend });
  touch(turn);
}

function compactionOf(session: Session, id: string): DividerItem | null {
  const key = `compaction ${id}`;
  const inTurn = session.entries.flatMap((it) => (it.kind === "turn" ? it.items : [it]));
  const known = inTurn.find((it) => it.key === key);
  return known?.kind === "divider" ? known : null;
}

/** Put a divider where the work stands: into the turn that is open, or behind the last. */
function place(session: Session, divider: DividerItem): DividerItem {
  const turn = currentTurn(session);
  if (turn?.routed === true) {
    turn.items.push(divider);
    touch(turn);
  } else {
    session.entries.push(divider);
  }
  return divider;
}

function dividerOf(what: DividerItem["what"], update: Stamped, words: string, detail: string): DividerItem {
  return {
    kind: "divider",
    key: `${what} ${update.after}`,
    rev: 0,
    what,
    at: update.at ?? null,
    words,
    detail,
  };
}

/** Return what a prompt is called in a list: its first line, and that of the problem that it is about. */
export function titleOf(prompt: PromptReceived): string {
  const first = firstLine(prompt.text);
  const problem = prompt.context.find((it) => it.kind === "diagnostic")?.text ?? "";
  const whole = problem === "" ? first : `${first.replace(/[.:]+$/, "")}: ${firstLine(problem)}`;
  return Array.from(whole).slice(0, LONGEST_TITLE).join("");
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
