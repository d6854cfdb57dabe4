/** How questions, answers, checks and verdicts change what the chat shows. */
import type {
  ChecksFailed,
  ChecksStarted,
  EvidenceRecorded,
  GrantAdded,
  GrantRevoked,
  PermissionAsked,
  PermissionDecided,
  Question,
  QuestionAnswered,
  QuestionAsked,
  VerificationEnded,
} from "../protocol_gen";
import { callOf, openCall } from "./calls";
import {
  type EvidenceRow,
  openTurn,
  type QuestionItem,
  type Session,
  type Stamped,
  touch,
  type Turn,
  type VerdictItem,
} from "./model";

/** The name under which what the editor reports is evidence. */
const EDITOR = "editor";

export function asked(session: Session, event: PermissionAsked, update: Stamped): void {
  const call = openCall(session, event.call_id, event.turn_id);
  if (call === null) return;
  call.status = "asking";
  if (call.title === "") call.title = event.question.subject;
  open(session, event.question, event.turn_id, event.call_id, update);
}

export function decided(session: Session, event: PermissionDecided, update: Stamped): void {
  const item = session.questions.get(event.question_id ?? "");
  if (item !== undefined) {
    const by = event.by === "person" ? "person" : "nobody";
    settle(
      session,
      item,
      event.option_id,
      event.option_id === "reject_with_reason" ? event.why : "",
      by,
      event.face,
      update,
    );
  }
  const call = openCall(session, event.call_id, event.turn_id);
  if (call === null) return;
  call.status = "decided";
  if (call.title === "") call.title = event.subject;
  const { decision, by, rule, why, source, option_id: optionId, face } = event;
  call.decision = { decision, by, rule, why, source, optionId, face, at: update.at ?? null };
  touch(openTurn(session, event.turn_id), call);
}

export function granted(session: Session, event: GrantAdded): void {
  session.grants.push({ id: event.grant_id, rule: event.rule, scope: event.scope });
}

export function revoked(session: Session, event: GrantRevoked): void {
  session.grants = session.grants.filter((it) => it.id !== event.grant_id);
}

export function questionAsked(session: Session, event: QuestionAsked, update: Stamped): void {
  open(session, event.question, event.turn_id, event.call_id, update);
}

export function questionAnswered(session: Session, event: QuestionAnswered, update: Stamped): void {
  const item = session.questions.get(event.question_id);
  if (item === undefined) return;
  settle(session, item, event.option_id, event.text, event.by, event.face, update);
}

export function checksStarted(session: Session, event: ChecksStarted, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  session.calls = new Map();
  const verdict = verdictOf(turn, update);
  for (const check of event.checks) {
    const call = callOf(check.call_id, turn, turn.step, "shell", { command: check.command }, update);
    call.check = check.name;
    session.calls.set(check.call_id, call);
    session.callCount += 1;
    verdict.rows.push({
      check: check.name,
      command: check.command,
      callId: check.call_id,
      outcome: "waiting",
      summary: "",
      output: "",
    });
  }
  touch(turn, verdict);
}

/** A check runs as a call, so what is known of the call stands in its row. */
export function followCheck(session: Session, callId: string): void {
  const call = session.calls.get(callId);
  if (call === undefined || call.check === "") return;
  const turn = openTurn(session, call.turnId);
  const verdict = turn === null ? null : newestVerdict(turn);
  const row = verdict?.rows.find((it) => it.callId === callId);
  if (turn === null || verdict === null || row === undefined) return;
  if (call.status === "running") row.outcome = "running";
  else if (call.status === "denied") row.outcome = "denied";
  else if (["cancelled", "not_run", "unknown"].includes(call.status) && row.outcome !== "passed")
    row.outcome = "not_run";
  verdict.seconds += call.seconds;
  if (call.content !== "" && row.output === "") row.output = call.content;
  touch(turn, verdict);
}

export function evidenceRecorded(session: Session, event: EvidenceRecorded, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  // What the model ran by itself is a row of its own; here stands what Postil and the editor found.
  const known = newestVerdict(turn);
  if (known?.state !== "checking" && event.by === "model") return;
  const verdict = known?.state === "checking" ? known : verdictOf(turn, update);
  const rows = verdict.rows.filter((it) => it.check !== event.check);
  const row: EvidenceRow = {
    check: event.check,
    command: event.command,
    callId: event.call_id,
    outcome: event.outcome,
    summary: event.summary,
    output: event.output,
  };
  const place = verdict.rows.findIndex((it) => it.check === event.check);
  rows.splice(place < 0 ? rows.length : place, 0, row);
  verdict.rows = rows;
  touch(turn, verdict);
}

export function checksFailed(session: Session, event: ChecksFailed, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  session.calls = new Map();
  const known = newestVerdict(turn);
  const verdict = known?.state === "checking" ? known : verdictOf(turn, update);
  verdict.state = "failed";
  verdict.words = event.checks.join(", ");
  verdict.reason = "failed";
  touch(turn, verdict);
}

export function verificationEnded(session: Session, event: VerificationEnded, update: Stamped): void {
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  const known = newestVerdict(turn);
  const verdict = known?.state === "checking" ? known : verdictOf(turn, update);
  verdict.state = event.verified ? "verified" : event.reason === "failed" ? "failed" : "not_verified";
  verdict.words = event.words.replace(/^(not )?verified: /, "");
  verdict.reason = event.reason;
  touch(turn, verdict);
}

/** Whether evidence is what the editor reports. */
export function isEditor(row: EvidenceRow): boolean {
  return row.check === EDITOR;
}

function verdictOf(turn: Turn, update: Stamped): VerdictItem {
  const verdict: VerdictItem = {
    kind: "verdict",
    key: `verdict ${update.after}`,
    rev: 0,
    state: "checking",
    words: "",
    reason: null,
    rows: [],
    seconds: 0,
  };
  turn.items.push(verdict);
  return verdict;
}

function newestVerdict(turn: Turn): VerdictItem | null {
  for (let at = turn.items.length - 1; at >= 0; at--) {
    const item = turn.items[at];
    if (item?.kind === "verdict") return item;
  }
  return null;
}

function open(
  session: Session,
  question: Question,
  turnId: string | null,
  callId: string | null,
  update: Stamped,
): void {
  const item: QuestionItem = {
    kind: "question",
    key: `question ${question.id} ${update.after}`,
    rev: 0,
    question,
    turnId,
    callId,
    answer: null,
    gone: false,
  };
  session.questions.set(question.id, item);
  const turn = openTurn(session, turnId) ?? lastTurn(session);
  if (turn === null) return;
  turn.items.push(item);
  touch(turn);
}

function settle(
  session: Session,
  item: QuestionItem,
  optionId: string | null,
  text: string,
  by: "person" | "nobody" | "withdrawn",
  face: string,
  update: Stamped,
): void {
  session.questions.delete(item.question.id);
  const title = item.question.options.find((it) => it.id === optionId)?.title ?? "";
  item.answer = { optionId, title, text, by, face, at: update.at ?? null };
  item.rev += 1;
  for (const entry of session.entries) {
    if (entry.kind === "turn" && entry.items.includes(item)) touch(entry);
  }
}

function lastTurn(session: Session): Turn | null {
  const last = session.entries.findLast((it) => it.kind === "turn");
  return last?.kind === "turn" ? last : null;
}
