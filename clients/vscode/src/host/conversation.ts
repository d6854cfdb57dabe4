/** The session in view: opened, followed by its events, opened again after a crash. */

import * as vscode from "vscode";
import { sentence } from "../client/requests";
import type { Server } from "../client/server";
import type { AttachResult, SessionRow, Update } from "../protocol_gen";
import type { Asked } from "../session/asking";
import { atWorkFor } from "../session/asking";
import type { QuestionItem, Session } from "../session/model";
import { currentTurn, emptySession } from "../session/model";
import { apply, fold, passingOf } from "../session/store";
import type { Wait } from "../session/waits";
import { waitsOf, worksFor } from "../session/waits";
import { KnownSessions } from "./known";

const REMEMBERED = "postil.session";
const NOT_HERE: ReadonlyMap<string, QuestionItem> = new Map();

/** What is known of a session besides its events. */
export interface Opening {
  readonly sessionId: string;
  readonly result: AttachResult;
}

export class Conversation implements vscode.Disposable {
  session: Session = emptySession();
  suspended = false;
  readOnly = false;
  /** Its sub-agents, and the sessions that are out of view. */
  private readonly others = new KnownSessions();
  private readonly reading = new Map<string, Promise<void>>();
  /** What is to come into view, with its number: whatever was wished before gives way, however late it is answered. */
  private wished = { number: 0, open: false, missed: false };
  /** Whether the one in view was opened by the server that runs now. */
  private stands = false;
  /** Settles once what was in view before is in view again, or is not to be had. */
  private restored: Promise<void> = Promise.resolve();
  private readonly opened = new vscode.EventEmitter<Opening | undefined>();
  private readonly updated = new vscode.EventEmitter<Update>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly owner = new vscode.EventEmitter<void>();
  private readonly listeners: vscode.Disposable[];
  /** A session came into view, its events from the first on; undefined where none is. */
  readonly onOpened = this.opened.event;
  /** Something happened in it, or in the session of a sub-agent. */
  readonly onUpdate = this.updated.event;
  /** Another window lets go of it, or has it. */
  readonly onOwner = this.owner.event;
  /** It is another state now. */
  readonly onChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly memory: vscode.Memento,
    private readonly channel: vscode.LogOutputChannel,
  ) {
    this.listeners = [
      server.onUpdate((update) => this.follow(update)),
      server.onPhase((phase) => {
        if (phase !== "ready") {
          this.stands = false;
          this.wish(); // What was wished of a server goes with it.
          this.wished.open = this.wished.missed = false;
          this.others.forget(); // What a server asked is asked by nobody once it is gone.
          this.changed.fire();
        }
      }),
    ];
  }

  dispose(): void {
    for (const it of [...this.listeners, this.opened, this.updated, this.changed, this.owner]) {
      it.dispose();
    }
  }

  get id(): string | undefined {
    return this.session.id === "" ? undefined : this.session.id;
  }

  /** The session's own questions that can be answered here: those of one that another window has are answered there. */
  get own(): ReadonlyMap<string, QuestionItem> {
    return this.readOnly ? NOT_HERE : this.session.questions;
  }

  /** Everything that is asked here: by it, by its sub-agents, and by sessions that are out of view. */
  get asked(): Asked[] {
    return this.others.asked(this.session, this.readOnly);
  }

  /** What is asked by sessions that are out of view. */
  get elsewhere(): Asked[] {
    return this.asked.filter((it) => !this.shows(it.sessionId));
  }

  /** Whether a session is the one in view, or works for it. */
  shows(sessionId: string): boolean {
    return sessionId === this.session.id || worksFor(sessionId, this.session, this.others.sessions);
  }

  get busy(): boolean {
    return currentTurn(this.session) !== null && !this.suspended;
  }

  /** Who waits for the next try of the model: the session, or sub-agents that work for it. */
  get waits(): Wait[] {
    return this.busy ? waitsOf(this.session, this.others.sessions) : [];
  }

  /**
   * Opens what was in view before, when the server has (re)started; what is no longer there is nothing to speak of. What a
   * person has wished since then comes first, and this only where that fails.
   */
  restore(): Promise<void> {
    return (this.restored = this.restoreLast());
  }

  private async restoreLast(): Promise<void> {
    const id = this.before;
    if (id === undefined || this.stands) {
      return;
    }
    if (this.wished.open) {
      this.wished.missed = true;
      return;
    }
    const wish = this.wish();
    try {
      await this.bring(id, wish);
    } catch (error) {
      this.channel.info(`The last session was not opened: ${sentence(error)}`);
      if (this.isNewest(wish)) {
        this.leave();
      }
    }
  }

  /** The session in view, once the one is there that is on its way back. Rejects with a sentence where none is. */
  async inView(): Promise<string> {
    await this.restored;
    if (this.id === undefined) {
      throw new Error("No session is in view. Ask something, or run “Postil: Resume Session…”.");
    }
    return this.id;
  }

  private get before(): string | undefined {
    return this.id ?? this.memory.get<string>(REMEMBERED);
  }

  /** Opens a session, and shows it from its first event on. */
  open(sessionId: string): Promise<void> {
    return this.bring(sessionId, this.wish());
  }

  private wish(): number {
    this.wished = { ...this.wished, number: this.wished.number + 1, open: true };
    return this.wished.number;
  }

  private isNewest(wish: number): boolean {
    return wish === this.wished.number;
  }

  /** The one in view stays, and what was missing of it meanwhile is read after all. */
  private giveUp(wish: number): void {
    if (this.isNewest(wish)) {
      const { missed } = this.wished;
      this.wished.open = this.wished.missed = false;
      const id = this.before;
      if (missed && id !== undefined && this.server.ready) {
        this.catchUp(id);
      }
    }
  }

  private async bring(sessionId: string, wish: number): Promise<void> {
    let result: AttachResult;
    try {
      result = await this.server.ask("postil/session/attach", { sessionId, after: 0 });
    } catch (error) {
      this.giveUp(wish);
      throw error;
    }
    if (this.isNewest(wish)) {
      this.wished.open = this.wished.missed = false;
      await this.show(sessionId, result);
    }
  }

  private async show(sessionId: string, result: AttachResult): Promise<void> {
    const [own, below] = passingOf(sessionId, result);
    this.others.put(this.session, this.suspended);
    this.session = fold([...result.events, ...own], emptySession(sessionId));
    this.others.forget(sessionId);
    this.others.found(this.session, result.readOnly);
    this.suspended = result.suspended;
    this.readOnly = result.readOnly;
    this.stands = true;
    // At once: an update that came before what it follows would be lost to the view.
    this.opened.fire({ sessionId, result: { ...result, events: [...result.events, ...own] } });
    for (const update of below) {
      this.others.note(update);
      this.updated.fire(update);
    }
    this.meetBelow(this.session);
    this.changed.fire();
    await this.memory.update(REMEMBERED, sessionId);
  }

  /** Begins a new one. */
  async begin(): Promise<void> {
    const wish = this.wish();
    let sessionId: string;
    try {
      ({ sessionId } = await this.server.ask("postil/session/new", {}));
    } catch (error) {
      this.giveUp(wish);
      throw error;
    }
    if (this.isNewest(wish)) {
      await this.bring(sessionId, wish);
    }
  }

  /** Shows none: the one in view is gone. */
  leave(): void {
    this.wish();
    this.wished.open = false;
    this.session = emptySession();
    this.suspended = this.readOnly = false;
    void this.memory.update(REMEMBERED, undefined);
    this.opened.fire(undefined);
    this.changed.fire();
  }

  /** Lists the workspace's sessions, newest first. */
  async list(): Promise<SessionRow[]> {
    return (await this.server.ask("postil/session/list", {})).sessions;
  }

  private follow(update: Update): void {
    if (update.sessionId !== this.session.id) {
      this.meet(update);
      return;
    }
    if (update.seq !== null && update.seq > this.session.seq + 1) {
      this.catchUp(update.sessionId);
      return;
    }
    if (apply(this.session, update)) {
      if (update.event.type === "SubagentFinished") {
        this.others.end(update.event.session_id);
      }
      this.suspended &&= currentTurn(this.session) !== null && update.event.type !== "ModelCalled";
      this.updated.fire(update);
      this.changed.fire();
      this.owned(update);
    }
  }

  /** Follows who writes it: what was closed here was taken over, or is opened again; elsewhere it is free to be taken. */
  private owned({ sessionId, event }: Update): void {
    if (event.type !== "SessionClosed" && event.type !== "SessionResumed") {
      return;
    }
    if (this.readOnly) {
      this.owner.fire();
    } else if (event.type === "SessionClosed" && this.server.ready) {
      this.catchUp(sessionId);
    }
  }

  /** A session that began elsewhere, as by a code action, comes into view; those of sub-agents belong to theirs. */
  private meet(update: Update): void {
    const { event } = update;
    const belongs = worksFor(update.sessionId, this.session, this.others.sessions);
    const whole = this.others.note(update);
    if (event.type === "PromptReceived" && !this.busy && !belongs && !this.wished.open) {
      this.catchUp(update.sessionId);
      return;
    }
    this.updated.fire(update);
    if (!whole) {
      // What it asked before it was met is open all the same.
      void this.learn(update.sessionId);
    }
    if (belongs || update.seq !== null) {
      this.changed.fire();
    }
  }

  /** Reads a session that is out of view, and what it asks; one that cannot be read asks nothing here. */
  learn(sessionId: string): Promise<void> {
    const reads = this.reading.get(sessionId);
    if (reads !== undefined) {
      return reads;
    }
    const reading = this.read(sessionId)
      .catch((error: unknown) => this.channel.warn(`A session was not read: ${sentence(error)}`))
      .finally(() => this.reading.delete(sessionId));
    this.reading.set(sessionId, reading);
    return reading;
  }

  private async read(sessionId: string): Promise<void> {
    if (sessionId === this.session.id) {
      await this.open(sessionId);
      return;
    }
    const result = await this.server.ask("postil/session/attach", { sessionId, after: 0 });
    if (sessionId === this.session.id) {
      return; // It came into view meanwhile.
    }
    const [own] = passingOf(sessionId, result);
    const session = fold([...result.events, ...own], emptySession(sessionId));
    this.others.put(session, result.suspended);
    this.others.found(session, result.readOnly);
    this.meetBelow(session);
    this.changed.fire();
  }

  /** Reads the sub-agents that were at work before anybody here followed them. */
  private meetBelow(session: Session): void {
    for (const id of atWorkFor(session)) {
      if ((this.others.sessions.get(id)?.entries.length ?? 0) === 0) {
        void this.learn(id);
      }
    }
  }

  /** Brings the session into view that a question is asked in, or that its asker works for. */
  async showAsker(sessionId: string): Promise<void> {
    if (!this.shows(sessionId)) {
      await this.open(this.others.top(sessionId));
    }
  }

  /** Opens a session anew because something of it is missing; not while one is on its way into view, which comes whole. */
  private catchUp(sessionId: string): void {
    if (this.wished.open) {
      this.wished.missed = true;
      return;
    }
    this.open(sessionId).catch((error: unknown) =>
      this.channel.warn(`The session was not read again: ${sentence(error)}`),
    );
  }
}
