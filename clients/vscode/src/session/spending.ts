/** How calls of the model change what a session is known to have used. */
import type {
  Compacted,
  CompactionFailed,
  ModelCalled,
  ModelFailed,
  ModelReplied,
  SubagentFinished,
  Usage,
} from "../protocol_gen";
import { added, type Session } from "./model";

/** Return both together. */
export function sum(one: Usage, other: Usage): Usage {
  return {
    input: one.input + other.input,
    cache_read: one.cache_read + other.cache_read,
    cache_write: one.cache_write + other.cache_write,
    output: one.output + other.output,
  };
}

export function called(session: Session, event: ModelCalled): void {
  const { turn_id: turnId, step, projection, balances } = event;
  session.lastCall = { turnId, step, projection, balances, open: true, cost: null };
}

export function replied(session: Session, event: ModelReplied): void {
  count(session, event.usage, event.cost);
  session.lastUsage = event.usage;
  settle(session, event.turn_id, event.step, event.cost);
  session.retry = null;
}

export function failed(session: Session, event: ModelFailed): void {
  settle(session, event.turn_id, event.step, 0);
  session.retry = null;
}

export function compacted(session: Session, event: Compacted): void {
  count(session, event.usage, event.cost);
  settle(session, event.turn_id ?? event.compaction_id, event.step, event.cost);
  session.lastUsage = { input: event.after, cache_read: 0, cache_write: 0, output: 0 };
}

export function compactionFailed(session: Session, event: CompactionFailed): void {
  if (event.usage !== null) count(session, event.usage, event.cost);
  settle(session, event.turn_id ?? event.compaction_id, event.step, event.cost);
}

export function subagentFinished(session: Session, event: SubagentFinished): void {
  count(session, event.usage, event.cost);
}

function count(session: Session, usage: Usage, cost: number | null): void {
  session.usage = sum(session.usage, usage);
  session.cost = added(session.cost, cost);
}

function settle(session: Session, turnId: string, step: number, cost: number | null): void {
  const last = session.lastCall;
  if (last === null || !last.open || last.turnId !== turnId || last.step !== step) return;
  session.lastCall = { ...last, open: false, cost };
}
