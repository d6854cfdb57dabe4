/** The session in view: opened, followed by its events, opened again after a crash. */

import * as vscode from "vscode";
import { sentence } from "../client/requests";
import type { Server } from "../client/server";
import type { AttachResult, SessionRow, Update } from "../protocol_gen";
import type { Session } from "../session/model";
import { currentTurn, emptySession } from "../session/model";
import { apply, fold } from "../session/store";

const REMEMBERED = "postil.session";

/** What is known of a session besides its events. */
export interface Opening {
  readonly sessionId: string;
  readonly result: AttachResult;
}

export class Conversation implements vscode.Disposable {
  session: Session = emptySession();
  suspended = false;
  readOnly = false;
  private catching: Promise<void> | undefined;
  private readonly opened = new vscode.EventEmitter<Opening | undefined>();
  private readonly updated = new vscode.EventEmitter<Update>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly listeners: vscode.Disposable[];
  /** A session came into view, its events from the first on; undefined where none is. */
  readonly onOpened = this.opened.event;
  /** Something happened in it, or in the session of a sub-agent. */
  readonly onUpdate = this.updated.event;
  /** It is another state now. */
  readonly onChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly memory: vscode.Memento,
    private readonly channel: vscode.LogOutputChannel,
  ) {
    this.listeners = [server.onUpdate((update) => this.follow(update))];
  }

  dispose(): void {
    for (const it of [...this.listeners, this.opened, this.updated, this.changed]) {
      it.dispose();
    }
  }

  get id(): string | undefined {
    return this.session.id === "" ? undefined : this.session.id;
  }

  get busy(): boolean {
    return currentTurn(this.session) !== null && !this.suspended;
  }

  /** Opens what was in view before, when the server has (re)started; what is no longer there is nothing to speak of. */
  async restore(): Promise<void> {
    const id = this.id ?? this.memory.get<string>(REMEMBERED);
    if (id === undefined) {
      return;
    }
    try {
      await this.open(id);
    } catch (error) {
      this.channel.info(`The last session was not opened: ${sentence(error)}`);
      this.leave();
    }
  }

  /** Opens a session, and shows it from its first event on. */
  async open(sessionId: string): Promise<void> {
    const result = await this.server.ask("postil/session/attach", { sessionId, after: 0 });
    this.session = fold(result.events, emptySession(sessionId));
    this.suspended = result.suspended;
    this.readOnly = result.readOnly;
    // At once: an update that came before what it follows would be lost to the view.
    this.opened.fire({ sessionId, result });
    this.changed.fire();
    await this.memory.update(REMEMBERED, sessionId);
  }

  /** Begins a new one. */
  async begin(): Promise<void> {
    const { sessionId } = await this.server.ask("postil/session/new", {});
    await this.open(sessionId);
  }

  /** Shows none. */
  leave(): void {
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
      this.suspended &&= currentTurn(this.session) !== null && update.event.type !== "ModelCalled";
      this.updated.fire(update);
      this.changed.fire();
    }
  }

  /** A session that began elsewhere, as by a code action, comes into view; those of sub-agents belong to theirs. */
  private meet(update: Update): void {
    const { event } = update;
    if (event.type === "PromptReceived" && !this.busy && !this.belongs(update.sessionId)) {
      this.catchUp(update.sessionId);
      return;
    }
    this.updated.fire(update);
  }

  private belongs(sessionId: string): boolean {
    return [...this.session.subagents.values()].some((it) => it.subagent?.started.session_id === sessionId);
  }

  /** Opens a session anew because something of it is missing; once, however much comes meanwhile. */
  private catchUp(sessionId: string): void {
    this.catching ??= this.open(sessionId)
      .catch((error: unknown) => this.channel.warn(`The session was not read again: ${sentence(error)}`))
      .finally(() => {
        this.catching = undefined;
      });
  }
}
