/** What was heard of a reply that is in progress: pieces, until its record stands for them. */
import type { PostilEvent } from "../protocol_gen";
import { currentTurn, type Session, touch } from "./model";

/** Whether it is a piece of a reply. */
export function isDelta(event: PostilEvent): boolean {
  return event.type === "TextDelta" || event.type === "ThinkingDelta";
}

/** Take out the pieces that were heard: all that was said so far comes instead. */
export function unsay(session: Session): void {
  const turn = currentTurn(session);
  if (turn === null) return;
  turn.items = turn.items.filter((it) => !("live" in it && it.live));
  touch(turn);
}
