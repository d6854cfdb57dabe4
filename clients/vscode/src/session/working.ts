/** Who works for a session: itself, and its sub-agents at whatever depth. */
import { isOver } from "./calls";
import type { Session } from "./model";

/** How deep sub-agents may stand one below the other. */
export const DEEPEST = 8;

export interface Worker {
  session: Session;
  /** The type of the sub-agent; empty for the session itself. */
  who: string;
}

/** Yield a session, and all that work for it now and are known: each before those that work for it. */
export function* workers(
  session: Session,
  known: ReadonlyMap<string, Session>,
  who = "",
  depth = 0,
): Generator<Worker> {
  yield { session, who };
  if (depth >= DEEPEST) return;
  for (const [id, type] of atWork(session)) {
    const below = known.get(id);
    if (below !== undefined) yield* workers(below, known, type, depth + 1);
  }
}

/** Yield the sub-agents that a session has at work, each with its type. */
export function* atWork(session: Session): Generator<[id: string, type: string]> {
  for (const [id, call] of session.subagents) {
    if (call.subagent?.finished === null && !isOver(call)) yield [id, call.subagent.started.agent_type];
  }
}
