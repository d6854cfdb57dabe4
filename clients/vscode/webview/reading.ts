/** What the view reads of sessions by itself: what it missed, and what sub-agents did. */
import { atWorkFor } from "../src/session/asking";
import { emptySession, type Session } from "../src/session/model";
import { isDelta, unsay } from "../src/session/saying";
import { apply, fold, passingOf } from "../src/session/store";
import { heardOf } from "./announcing";
import type { Chat } from "./chat";

export class Reading {
  /** The sub-agents whose record is asked for. */
  private readonly looking = new Set<string>();
  private filling = false;

  constructor(private readonly chat: Chat) {}

  /** Get what sub-agents did that were at work before anybody followed them: they may ask something. */
  meetBelow(session: Session): void {
    for (const id of atWorkFor(session)) void this.look(id);
  }

  /** Get the events that are missing between what is known and what has come. */
  async fill(session: Session): Promise<void> {
    if (this.filling) return;
    this.filling = true;
    try {
      const result = await this.chat.host.request("postil/session/attach", {
        sessionId: session.id,
        after: session.seq,
      });
      const [own, below] = passingOf(session.id, result);
      for (const update of result.events) apply(this.chat.known(update.sessionId), update);
      if (own.some((it) => isDelta(it.event))) unsay(this.chat.known(session.id));
      for (const update of [...own, ...below]) apply(this.chat.known(update.sessionId), update);
    } catch (error) {
      this.chat.blame(error);
    } finally {
      this.filling = false;
      this.chat.changed();
    }
  }

  /** Get what a sub-agent did, where nobody told of it. */
  async look(sessionId: string): Promise<void> {
    // Of one that was met while it worked there may be the end alone.
    if (this.looking.has(sessionId) || (this.chat.sessions.get(sessionId)?.entries.length ?? 0) > 0) return;
    this.looking.add(sessionId);
    const before = heardOf(this.chat.known(sessionId));
    try {
      const result = await this.chat.host.request("postil/session/attach", { sessionId, after: 0 });
      const [own] = passingOf(sessionId, result);
      const session = fold([...result.events, ...own], emptySession(sessionId));
      this.chat.sessions.set(sessionId, session);
      const words = this.chat.heard(before, session);
      if (words !== "") this.chat.announced = words;
      this.meetBelow(session);
    } catch {
      // Its result stands in the row all the same.
      this.chat.known(sessionId);
    } finally {
      this.looking.delete(sessionId);
    }
    this.chat.changed();
  }
}
