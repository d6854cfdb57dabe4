/** The sessions of this server besides the one in view: sub-agents, and those out of view; nothing here knows VS Code. */

import type { Update } from "../protocol_gen";
import type { Asked } from "../session/asking";
import { askedOf } from "../session/asking";
import type { Session } from "../session/model";
import { currentTurn, emptySession } from "../session/model";
import { apply } from "../session/store";
import { worksFor } from "../session/waits";
import { DEEPEST } from "../session/working";

/** How many are kept that neither work nor ask: others are read again when something happens in them, or they are opened. */
export const MOST_AT_REST = 8;

export class KnownSessions {
  readonly sessions = new Map<string, Session>();
  /** Their ids, that of the one seen last at the end. */
  private readonly recent = new Set<string>();
  /** Those whose turn was left open and goes on when somebody resumes it. */
  private readonly suspended = new Set<string>();
  /** Those that another window has: what they ask is answered there. */
  private readonly away = new Set<string>();
  /** Sub-agents that have ended: they ask nothing more, and are not opened for a late word of theirs. */
  private readonly ended = new Set<string>();

  /** Takes note of what one does; false where something on record before it is missing. */
  note(update: Update): boolean {
    const { sessionId, seq, event } = update;
    if (this.ended.has(sessionId)) {
      return true;
    }
    const known = this.sessions.get(sessionId) ?? emptySession(sessionId);
    const whole = seq === null || seq <= known.seq + 1;
    this.suspended.delete(sessionId);
    apply(known, update);
    if (event.type === "SessionClosed") {
      this.letGo(sessionId);
    } else {
      this.see(sessionId, known);
    }
    if (event.type === "SubagentFinished") {
      this.end(event.session_id);
    }
    return whole || event.type === "SessionClosed";
  }

  /** Keeps one as it was read, or as it leaves the view. */
  put(session: Session, suspended: boolean): void {
    if (session.id === "" || session.closed) {
      return;
    }
    if (suspended) {
      this.suspended.add(session.id);
    } else {
      this.suspended.delete(session.id);
    }
    this.see(session.id, session);
  }

  /** Takes note whether another window has it. A sub-agent belongs to whoever has the session above. */
  found(session: Session, readOnly: boolean): void {
    if (readOnly && session.parentId === null) {
      this.away.add(session.id);
    } else {
      this.away.delete(session.id);
    }
  }

  /** A sub-agent has ended. */
  end(sessionId: string): void {
    this.letGo(sessionId);
    this.ended.add(sessionId);
  }

  /** Forgets one that is in view now, or all of them. */
  forget(sessionId?: string): void {
    if (sessionId !== undefined) {
      this.letGo(sessionId);
      return;
    }
    this.sessions.clear();
    this.recent.clear();
    this.suspended.clear();
    this.away.clear();
    this.ended.clear();
  }

  /** Returns what can be answered here: of the session in view and its sub-agents first, then of the others. */
  asked(view: Session, readOnly: boolean): Asked[] {
    const asked = readOnly ? [] : askedOf(view, this.sessions);
    for (const session of this.sessions.values()) {
      if (session.id === view.id || this.away.has(this.top(session.id))) {
        continue;
      }
      if (!worksFor(session.id, view, this.sessions)) {
        asked.push(...askedOf(session, new Map(), session.title));
      }
    }
    return asked;
  }

  private see(sessionId: string, session: Session): void {
    this.sessions.set(sessionId, session);
    this.recent.delete(sessionId);
    this.recent.add(sessionId);
    const atRest = [...this.recent].filter((it) => this.isAtRest(it));
    for (const it of atRest.slice(0, -MOST_AT_REST)) {
      this.letGo(it);
    }
  }

  private isAtRest(sessionId: string): boolean {
    const session = this.sessions.get(sessionId);
    return (
      session !== undefined &&
      session.questions.size === 0 &&
      (currentTurn(session) === null || this.suspended.has(sessionId))
    );
  }

  private letGo(sessionId: string): void {
    this.sessions.delete(sessionId);
    this.recent.delete(sessionId);
    this.suspended.delete(sessionId);
  }

  /** Returns the session that one works for in the end: itself, where it is no sub-agent's. */
  top(sessionId: string): string {
    let top = sessionId;
    for (let depth = 0; depth < DEEPEST; depth++) {
      top = this.sessions.get(top)?.parentId ?? top;
    }
    return top;
  }
}
