/** Who waits for the next try of the model: the session, or sub-agents that work for it. */
import type { Retry, Session } from "./model";
import { DEEPEST, workers } from "./working";

export interface Wait {
  sessionId: string;
  /** The type of the sub-agent; empty for the session itself. */
  who: string;
  retry: Retry;
}

/** Return the waits of a session and of all that work for it now. */
export function waitsOf(session: Session, known: ReadonlyMap<string, Session>): Wait[] {
  return [...workers(session, known)].flatMap(({ session: { id, retry }, who }) =>
    retry === null ? [] : [{ sessionId: id, who, retry }],
  );
}

/** Whether a session works for another one, or for one that does. */
export function worksFor(
  id: string,
  session: Session,
  known: ReadonlyMap<string, Session>,
  depth = 0,
): boolean {
  if (session.subagents.has(id)) return true;
  if (depth >= DEEPEST) return false;
  return [...session.subagents.keys()].some((it) => {
    const below = known.get(it);
    return below !== undefined && worksFor(id, below, known, depth + 1);
  });
}

/** Return why, and of whom: *Rate limited*, *explore: Rate limited*, *2 agents: Rate limited*. */
export function whyOf(waits: readonly Wait[], why: (text: string) => string): string {
  const [first] = waits;
  if (first === undefined) return "";
  const whys = [...new Set(waits.map((it) => why(it.retry.why)))].join(", ");
  if (waits.length > 1) return `${waits.length} agents: ${whys}`;
  return first.who === "" ? whys : `${why(first.who)}: ${whys}`;
}
