/** Updates as they are handed to the webview: pieces of one text that follow each other are one piece. */

import type { Update } from "../protocol_gen";

/** Returns the updates with deltas joined: thousands a second become a few. Those that are on record stay as they are. */
export function merged(updates: readonly Update[]): Update[] {
  const all: Update[] = [];
  for (const update of updates) {
    const last = all.at(-1);
    const one = last === undefined ? undefined : joined(last, update);
    if (one === undefined) {
      all.push(update);
    } else {
      all[all.length - 1] = one;
    }
  }
  return all;
}

function joined(before: Update, next: Update): Update | undefined {
  const [one, other] = [before.event, next.event];
  const same =
    before.seq === null &&
    next.seq === null &&
    before.after === next.after &&
    before.sessionId === next.sessionId;
  if (!same || (one.type !== "TextDelta" && one.type !== "ThinkingDelta") || one.type !== other.type) {
    return undefined;
  }
  if (one.turn_id !== other.turn_id || one.step !== other.step) {
    return undefined;
  }
  return { ...before, event: { ...one, text: one.text + other.text } };
}
