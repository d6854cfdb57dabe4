/** How prompts that wait, and those that join a turn, change what the chat shows. */
import type { PromptQueued, PromptSteered, PromptTakenBack } from "../protocol_gen";
import { openTurn, openTurns, type Session, type Stamped, touch } from "./model";
import { note } from "./turns";

export function queued(session: Session, event: PromptQueued): void {
  const { prompt, steers } = event;
  const known = session.queue.find((it) => it.prompt.turn_id === prompt.turn_id);
  if (known === undefined) session.queue.push({ prompt, steers });
  else known.steers = steers;
}

export function takenBack(session: Session, event: PromptTakenBack, update: Stamped): void {
  waitsNoLonger(session, event.prompt_id);
  const [turn] = openTurns(session);
  if (event.why !== "" && turn !== undefined) note(turn, update, "info", event.why, "");
}

export function steered(session: Session, event: PromptSteered): void {
  waitsNoLonger(session, event.prompt.turn_id);
  const turn = openTurn(session, event.turn_id);
  if (turn === null) return;
  turn.items.push({ kind: "said", key: `said ${event.prompt.turn_id}`, rev: 0, prompt: event.prompt });
  touch(turn);
}

export function waitsNoLonger(session: Session, promptId: string): void {
  session.queue = session.queue.filter((it) => it.prompt.turn_id !== promptId);
}
