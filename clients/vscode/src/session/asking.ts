/** What waits for a person: the questions of a session, and of sub-agents that work for it. */
import type { QuestionItem, Session } from "./model";
import { atWork, workers } from "./working";

export interface Asked {
  sessionId: string;
  /** The type of the sub-agent; empty for the session itself. */
  who: string;
  item: QuestionItem;
}

/** Return the open questions of a session and of all that work for it now, its own first. */
export function askedOf(session: Session, known: ReadonlyMap<string, Session>, who = ""): Asked[] {
  return [...workers(session, known, who)].flatMap((it) =>
    [...it.session.questions.values()].map((item) => ({ sessionId: it.session.id, who: it.who, item })),
  );
}

/** Return the sub-agents that work for a session now. */
export function atWorkFor(session: Session): string[] {
  return [...atWork(session)].map(([id]) => id);
}
