/** What a screen reader is told: whole sentences, at most one for what happened together. */
import type { Settings, Status } from "../src/chat/messages";
import { currentTurn, type QuestionItem, type Session, turns, type VerdictItem } from "../src/session/model";
import { askedOf } from "../src/session/asking";
import { waitsOf } from "../src/session/waits";
import { brief } from "./markdown/reveal";

/** What was said of a session when it was last looked at. */
export interface Heard {
  questions: ReadonlySet<string>;
  ended: string;
  busy: boolean;
  retrying: boolean;
}

/** Return what there is to hear of a session. */
export function heardOf(session: Session): Heard {
  return {
    questions: new Set(session.questions.keys()),
    ended: session.lastEnd?.turn_id ?? "",
    busy: currentTurn(session) !== null,
    retrying: session.retry !== null,
  };
}

/** Return the sentence for what changed since; empty where there is none. Without `keys` nothing can be answered here. */
export function announcement(
  before: Heard,
  session: Session,
  keys: string,
  how: Settings["announce"],
): string {
  if (how === "off") return "";
  const now = heardOf(session);
  const fresh = [...session.questions.values()].filter((it) => !before.questions.has(it.question.id));
  const [first] = fresh;
  if (first !== undefined) return askedWords(first, keys);
  if (now.ended !== before.ended) return endOf(session);
  if (how === "all" && now.retrying && !before.retrying) return session.retry?.message ?? "";
  return now.busy && !before.busy ? "Working." : "";
}

/** Return the sentence for what a sub-agent asks, or waits for, that works for the session in view. */
export function announcementBelow(
  before: Heard,
  session: Session,
  top: Session,
  known: ReadonlyMap<string, Session>,
  keys: string,
  how: Settings["announce"],
): string {
  if (how === "off") return "";
  const asked = askedOf(top, known).filter((it) => it.sessionId === session.id);
  const fresh = asked.find((it) => !before.questions.has(it.item.question.id));
  if (fresh !== undefined) return askedWords(fresh.item, keys, fresh.who);
  if (how !== "all" || before.retrying || session.retry === null) return "";
  const wait = waitsOf(top, known).find((it) => it.sessionId === session.id);
  return wait === undefined ? "" : `${wait.who}: ${wait.retry.message}`;
}

function askedWords({ question }: QuestionItem, keys: string, who = ""): string {
  const title = question.title.replace(/[?.]$/, "").toLowerCase();
  if (keys === "") return `A question is open elsewhere: ${title}.`;
  return `Question${who === "" ? "" : ` of ${brief(who)}`}: ${title}. ${keys} to answer.`;
}

function endOf(session: Session): string {
  const turn = turns(session).at(-1);
  const verdict = turn?.items.findLast((it): it is VerdictItem => it.kind === "verdict");
  const end = session.lastEnd;
  if (end === null) return "";
  if (end.reason === "cancelled") return "Stopped.";
  if (end.message !== "" && end.reason !== "end_turn") return end.message;
  if (verdict?.state === "verified") return "Verified after the last edit.";
  if (verdict?.state === "failed") return `Failed: ${verdict.words}.`;
  return verdict?.state === "not_verified" ? `Not verified: ${verdict.words}.` : "Done.";
}

/** Return the sentence for how the server and what it needs stand, where that is news and the person has something to do. */
export function standing(before: Status | null, now: Status): string {
  const asks = (it: Status | null): boolean => it?.install?.state === "waits" || it?.server === "failed";
  if (asks(now)) return asks(before) && before?.message === now.message ? "" : now.message;
  if (now.server !== "ready") return "";
  const more = (now.elsewhere ?? 0) > (before?.elsewhere ?? 0);
  if (more) return `${askedElsewhere(now)}. “Go to question” is above the message box.`;
  if (now.key === before?.key) return "";
  if (now.key === "missing") return "Postil needs an API key.";
  return now.key === "rejected" ? "The key was not accepted (401)." : "";
}

/** Return what sessions ask that are out of view; empty where none does. */
export function askedElsewhere({ elsewhere = 0 }: Status): string {
  if (elsewhere === 0) return "";
  return elsewhere === 1 ? "Another session asks" : `Other sessions ask ${elsewhere} questions`;
}

/** Return the sentence for a session whose turn was left open. */
export function restartedWords(session: Session): string {
  const unknown = [...session.calls.values()].filter((it) => it.status === "unknown").length;
  if (unknown === 0) return "Restarted.";
  return unknown === 1 ? "Restarted. 1 outcome is unknown." : `Restarted. ${unknown} outcomes are unknown.`;
}
