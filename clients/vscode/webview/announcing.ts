/** What a screen reader is told: whole sentences, at most one for what happened together. */
import type { Settings } from "../src/chat/messages";
import { currentTurn, type Session, turns, type VerdictItem } from "../src/session/model";

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

/** Return the sentence for what changed since; empty where there is none. */
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
  if (first !== undefined) {
    const title = first.question.title.replace(/[?.]$/, "").toLowerCase();
    return `Question: ${title}. ${keys} to answer.`;
  }
  if (now.ended !== before.ended) return endOf(session);
  if (how === "all" && now.retrying && !before.retrying) return session.retry?.message ?? "";
  return now.busy && !before.busy ? "Working." : "";
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
