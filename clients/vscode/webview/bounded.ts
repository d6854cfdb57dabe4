/** Which sessions the view keeps: the one in view with its sub-agents, and of others the newest. */
import type { Session } from "../src/session/model";
import { worksFor } from "../src/session/waits";

/** Others come whole again when they come into view. */
const MOST_OTHERS = 8;

/** Return the ids of those that go, the oldest first. */
export function superfluous(sessions: ReadonlyMap<string, Session>, view: Session | null): string[] {
  if (sessions.size <= MOST_OTHERS) return [];
  const others = [...sessions.keys()].filter(
    (it) => view === null || (it !== view.id && !worksFor(it, view, sessions)),
  );
  return others.slice(0, Math.max(0, others.length - MOST_OTHERS));
}
