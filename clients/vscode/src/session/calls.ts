/** How replies, and the calls in them, change what the chat shows. */
import type {
  CallFinished,
  CallProgress,
  CallStarted,
  FileChanged,
  ModelFailed,
  ModelReplied,
  ModelRetrying,
  SubagentFinished,
  SubagentStarted,
  TextDelta,
  ThinkingDelta,
} from "../protocol_gen";
import {
  type CallItem,
  type Change,
  openTurn,
  type Session,
  type Stamped,
  type TextItem,
  type ThinkingItem,
  touch,
  type Turn,
} from "./model";

/** Characters of a running call's output that are kept to show. */
const KEPT_OUTPUT = 32_000;

export function grew(session: Session, event: TextDelta | ThinkingDelta, update: Stamped): void {
  session.retry = null;
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  const kind = event.type === "TextDelta" ? "text" : "thinking";
  const last = turn.items.at(-1);
  if (last?.kind === kind && last.live && last.step === event.step) {
    last.text += event.text;
    touch(turn, last);
    return;
  }
  const number = turn.items.filter((it) => "step" in it && it.step === event.step).length;
  const key = `${kind} ${turn.id} ${event.step} ${number} ${update.after}`;
  turn.items.push({ kind, key, rev: 0, step: event.step, text: event.text, live: true });
  touch(turn);
}

/** A reply stands for all the pieces of it that came before. */
export function replied(session: Session, event: ModelReplied, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  turn.step = event.step;
  turn.failure = null;
  const streamed = turn.items.filter(
    (it): it is TextItem | ThinkingItem => "live" in it && it.step === event.step,
  );
  turn.items = turn.items.filter((it) => !("live" in it && it.live));
  session.calls = new Map();
  event.message.content.forEach((part, number) => {
    if (part.type === "tool_call") {
      const item = callOf(part.id, turn, event.step, part.name, part.input, update);
      session.calls.set(part.id, item);
      session.callCount += 1;
      turn.items.push(item);
      return;
    }
    const kind = part.type;
    if (part.text === "") return;
    // The piece that grew keeps its name, so that what is on screen stays in its place.
    const known = streamed.findIndex((it) => it.kind === kind);
    const key = streamed[known]?.key ?? `${kind} ${turn.id} ${event.step} ${number} ${update.after}`;
    const rev = (streamed[known]?.rev ?? 0) + 1;
    if (known >= 0) streamed.splice(known, 1);
    turn.items.push({ kind, key, rev, step: event.step, text: part.text, live: false });
  });
  touch(turn);
}

/** A try failed, and what it had said is void. */
export function retrying(session: Session, event: ModelRetrying): void {
  const { attempt, of, seconds, message, kind, why } = event;
  session.retry = { attempt, of, seconds, message, kind, why };
  dropLive(openTurn(session, event.turn_id));
}

export function modelFailed(session: Session, event: ModelFailed): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  turn.failure = event;
  dropLive(turn);
  touch(turn);
}

export function started(session: Session, event: CallStarted, update: Stamped): void {
  const call = openCall(session, event.call_id, event.turn_id);
  if (call === null) return;
  call.status = "running";
  call.title = event.title;
  call.work = event.kind;
  call.command = event.command;
  call.changeId = event.change_id;
  call.startedAt = update.at ?? null;
  call.intends = event.edits.map((it) => ({
    path: it.path,
    before: it.before,
    after: it.after,
    movedFrom: it.moved_from,
    inEditor: it.in_editor,
  }));
  touch(openTurn(session, event.turn_id), call);
}

export function progressed(session: Session, event: CallProgress): void {
  const call = session.calls.get(event.call_id);
  if (call === undefined) return;
  call.printed = (call.printed + event.text).slice(-KEPT_OUTPUT);
  touch(openTurn(session, call.turnId), call);
}

export function fileChanged(session: Session, event: FileChanged, update: Stamped): void {
  const change: Change = {
    seq: update.after,
    turnId: event.turn_id,
    callId: event.call_id,
    rewindId: event.rewind_id,
    changeId: event.change_id,
    label: event.label,
    path: event.path,
    added: event.added,
    removed: event.removed,
    what: whatOf(event.before, event.after, event.renamed_from),
    renamedFrom: event.renamed_from,
    where: event.where,
    diff: event.diff,
    doubtful: false,
  };
  noteChange(session, change);
  const call = session.calls.get(event.call_id ?? "");
  if (call === undefined || call.turnId !== event.turn_id) return;
  call.changes = [...call.changes, change];
  touch(openTurn(session, event.turn_id), call);
}

export function finished(session: Session, event: CallFinished, update: Stamped): void {
  const call = openCall(session, event.call_id, event.turn_id);
  if (call === null) return;
  const turn = openTurn(session, event.turn_id);
  if (event.outcome === "unknown") doubt(session, call, update);
  call.status = event.outcome;
  call.content = event.content;
  call.details = event.details;
  call.seconds = event.seconds;
  for (const [id, item] of session.questions) {
    if (item.callId !== event.call_id) continue;
    item.gone = true;
    session.questions.delete(id);
    touch(turn, item);
  }
  touch(turn, call);
}

export function subagentStarted(session: Session, event: SubagentStarted): void {
  const call = session.calls.get(event.call_id);
  if (call === undefined || call.turnId !== event.turn_id) return;
  call.subagent = { started: event, finished: null };
  session.subagents.set(event.session_id, call);
  touch(openTurn(session, event.turn_id), call);
}

export function subagentFinished(session: Session, event: SubagentFinished): boolean {
  const call = session.subagents.get(event.session_id);
  if (call?.subagent == null || call.subagent.finished !== null) return false;
  call.subagent = { ...call.subagent, finished: event };
  touch(openTurn(session, event.turn_id), call);
  return true;
}

/** Return a call that nothing is known of but that it is wanted. */
export function callOf(
  id: string,
  turn: Turn,
  step: number,
  tool: string,
  input: Record<string, unknown>,
  update: Stamped,
): CallItem {
  return {
    kind: "call",
    key: `call ${turn.id} ${step} ${id} ${update.after}`,
    rev: 0,
    id,
    turnId: turn.id,
    step,
    tool,
    input,
    title: "",
    work: "other",
    command: null,
    status: "open",
    printed: "",
    content: "",
    details: {},
    seconds: 0,
    startedAt: null,
    decision: null,
    check: "",
    intends: [],
    changeId: null,
    changes: [],
    subagent: null,
    settled: false,
  };
}

/** Return the unfinished call that an event is of; ids are the model's own, so the turn has to fit too. */
export function openCall(session: Session, callId: string, turnId: string): CallItem | null {
  const call = session.calls.get(callId);
  return call === undefined || call.turnId !== turnId || isOver(call) ? null : call;
}

/** Whether nothing more comes of it. */
export function isOver(call: CallItem): boolean {
  return !["open", "asking", "decided", "running"].includes(call.status);
}

function doubt(session: Session, call: CallItem, update: Stamped): void {
  const made = new Set(session.changes.filter((it) => it.changeId === call.changeId).map((it) => it.path));
  for (const edit of call.intends) {
    if (made.has(edit.path)) continue;
    const change: Change = {
      seq: update.after,
      turnId: call.turnId,
      callId: call.id,
      rewindId: null,
      changeId: call.changeId ?? "",
      label: call.title,
      path: edit.path,
      added: 0,
      removed: 0,
      what: whatOf(edit.before, edit.after, edit.movedFrom),
      renamedFrom: edit.movedFrom,
      where: edit.inEditor ? "buffer" : "disk",
      diff: "",
      doubtful: true,
    };
    noteChange(session, change);
    call.changes = [...call.changes, change];
  }
}

function noteChange(session: Session, change: Change): void {
  session.changes.push(change);
  if (session.plan.some((it) => it.evidence !== "")) {
    session.plan = session.plan.map((it) => ({ ...it, evidence: "" }));
  }
}

function whatOf(before: string | null, after: string | null, from: string | null): Change["what"] {
  if (from !== null) return "renamed";
  if (before === null) return "created";
  return after === null ? "deleted" : "edited";
}

function dropLive(turn: Turn | null): void {
  if (turn === null) return;
  turn.items = turn.items.filter((it) => !("live" in it && it.live));
  touch(turn);
}
