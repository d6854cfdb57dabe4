/** What the view knows and does: the sessions as they fold, what is kept of the view itself, and what it asks of the host. */
import type { Opened, Settings, Status, ToView } from "../src/chat/messages";
import { currentTurn, emptySession, openTurns, type Session, type Stamped } from "../src/session/model";
import { apply, fold } from "../src/session/store";
import { announcement, heardOf } from "./announcing";
import { type Api, Host } from "./host";
import { type Attachment, type Kept, pruned, readKept } from "./kept";
import { painter } from "./painter";

/** How a session was found when it was opened. */
export interface Found {
  suspended: boolean;
  readOnly: boolean;
  note: string;
}

export type Listener = () => void;

const AGAIN: ReadonlySet<string> = new Set(["end_turn", "max_tokens", "max_turn_requests", "refusal"]);

export class Chat {
  readonly host: Host;
  readonly sessions = new Map<string, Session>();
  readonly found = new Map<string, Found>();
  readonly review = new Map<string, { changeId: string; path: string }[]>();
  status: Status | null = null;
  settings: Settings | null = null;
  mac = false;
  kept: Kept;
  /** The one line of what went wrong with what was asked last. */
  fault = "";
  announced = "";
  /** Asks the view to move the focus, once. */
  wanted: "composer" | "question" | "previousTurn" | "nextTurn" | null = null;
  revision = 0;
  private readonly listeners = new Set<Listener>();
  private readonly paint = painter(() => {
    this.revision += 1;
    for (const listener of this.listeners) listener();
  });
  private saving: ReturnType<typeof setTimeout> | null = null;
  private filling = false;
  private sending = false;

  constructor(api: Api) {
    this.host = new Host(api, (message) => this.take(message));
    this.kept = readKept(this.host.kept);
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Paint soon. */
  changed(): void {
    this.paint();
  }

  get session(): Session | null {
    const id = this.kept.sessionId;
    return id === null ? null : (this.sessions.get(id) ?? null);
  }

  get busy(): boolean {
    const session = this.session;
    return session !== null && currentTurn(session) !== null && !this.suspended;
  }

  /** Whether a turn was left open and nobody has gone on with it. */
  get suspended(): boolean {
    return this.found.get(this.kept.sessionId ?? "")?.suspended === true;
  }

  get readOnly(): boolean {
    return this.found.get(this.kept.sessionId ?? "")?.readOnly === true;
  }

  /** Change what is kept over a reload. */
  keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    if (change.open !== undefined) this.kept.open = pruned(this.kept.open);
    this.saving ??= setTimeout(() => {
      this.saving = null;
      this.host.keep(this.kept);
    }, 200);
    this.paint();
  }

  isOpen(key: string): boolean | undefined {
    return this.kept.open[key];
  }

  private take(message: ToView): void {
    switch (message.type) {
      case "init": {
        const again = this.status !== null;
        this.mac = message.mac;
        this.status = message.status;
        this.settings = message.settings;
        // What was kept over a reload stands until the host names a session, or says a second time that there is none.
        if (message.sessionId !== this.kept.sessionId && (message.sessionId !== null || again))
          this.goTo(message.sessionId);
        break;
      }
      case "status":
        this.status = message.status;
        break;
      case "settings":
        this.settings = message.settings;
        break;
      case "updates":
        this.update(message.sessionId, message.updates);
        break;
      case "sessionOpened":
        this.opened(message);
        break;
      case "sessionClosed":
        this.sessions.delete(message.sessionId);
        if (this.kept.sessionId === message.sessionId) this.goTo(null);
        break;
      case "review":
        this.review.set(message.sessionId, message.open);
        break;
      case "attach":
        this.attach(message.items);
        break;
      case "draft":
        this.keep({ draft: this.kept.draft === "" ? message.text : `${this.kept.draft}\n${message.text}` });
        this.wanted = "composer";
        break;
      case "focus":
        this.wanted = message.target;
        break;
      case "response":
        break;
    }
    this.paint();
  }

  private goTo(sessionId: string | null): void {
    this.fault = "";
    this.keep({ sessionId, queue: [], open: {}, fromEnd: 0 });
  }

  private opened(message: Opened): void {
    const session = fold(message.events, emptySession(message.sessionId));
    const child = session.parentId !== null && session.parentId === this.kept.sessionId;
    this.sessions.set(message.sessionId, session);
    const { suspended, readOnly, note } = message;
    this.found.set(message.sessionId, { suspended, readOnly, note });
    if (!child && this.kept.sessionId !== message.sessionId) this.goTo(message.sessionId);
    if (suspended) this.announced = restartedWords(session);
  }

  private update(sessionId: string, updates: Stamped[]): void {
    let session = this.sessions.get(sessionId);
    if (session === undefined) {
      session = emptySession(sessionId);
      this.sessions.set(sessionId, session);
    }
    const before = heardOf(session);
    for (const update of updates) {
      if (update.seq !== null && update.seq > session.seq + 1) {
        if (sessionId === this.kept.sessionId) void this.fill(session);
        if (session.seq > 0 || sessionId === this.kept.sessionId) break;
      }
      apply(session, update);
      if (update.event.type === "StageChanged" || update.event.type === "ModelCalled")
        this.resumed(sessionId);
    }
    if (sessionId !== this.kept.sessionId) return;
    const keys = this.mac ? "Command K, Command Y" : "Control K, Control Y";
    const words = announcement(before, session, keys, this.settings?.announce ?? "questions+ends");
    if (words !== "") this.announced = words;
    this.sendQueued(session);
  }

  private resumed(sessionId: string): void {
    const found = this.found.get(sessionId);
    if (found?.suspended === true) this.found.set(sessionId, { ...found, suspended: false });
  }

  /** Get the events that are missing between what is known and what has come. */
  private async fill(session: Session): Promise<void> {
    if (this.filling) return;
    this.filling = true;
    try {
      const result = await this.host.request("postil/session/attach", {
        sessionId: session.id,
        after: session.seq,
      });
      for (const update of result.events) apply(session, update);
    } catch (error) {
      this.fault = wordsOf(error);
    } finally {
      this.filling = false;
      this.paint();
    }
  }

  /** Get what a sub-agent did, where nobody told of it. */
  async look(sessionId: string): Promise<void> {
    if (this.sessions.has(sessionId)) return;
    try {
      const result = await this.host.request("postil/session/attach", { sessionId, after: 0 });
      this.sessions.set(sessionId, fold(result.events, emptySession(sessionId)));
    } catch {
      // Its result stands in the row all the same.
      this.sessions.set(sessionId, emptySession(sessionId));
    }
    this.paint();
  }

  attach(items: readonly Attachment[]): void {
    const known = new Set(this.kept.attachments.map((it) => it.label));
    this.keep({ attachments: [...this.kept.attachments, ...items.filter((it) => !known.has(it.label))] });
    this.wanted = "composer";
  }

  /** Send what is written, or let it wait while the agent works. */
  async submit(how: "send" | "steer"): Promise<void> {
    const { draft, attachments, queue } = this.kept;
    if (draft.trim() === "" || !this.canSend) return;
    const steers = how === "steer" || this.settings?.whileBusy === "steer";
    this.keep({ draft: "", attachments: [] });
    if (this.busy && !steers) {
      this.keep({ queue: [...queue, { text: draft, attachments }] });
      return;
    }
    if (this.busy) await this.stop();
    if (!(await this.prompt(draft, attachments))) this.keep({ draft, attachments });
  }

  get canSend(): boolean {
    const status = this.status;
    return (
      status?.server === "ready" && status.key !== "missing" && status.key !== "rejected" && !this.readOnly
    );
  }

  private async prompt(text: string, attachments: readonly Attachment[]): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    this.fault = "";
    try {
      let sessionId = this.kept.sessionId;
      if (sessionId === null) {
        sessionId = (await this.host.request("postil/session/new", {})).sessionId;
        if (!this.sessions.has(sessionId)) this.sessions.set(sessionId, emptySession(sessionId));
        this.keep({ sessionId });
      }
      await this.host.request("postil/session/prompt", {
        text,
        sessionId,
        context: attachments.map((it) => it.context),
      });
      this.keep({ fromEnd: 0 });
      return true;
    } catch (error) {
      this.fault = wordsOf(error);
      return false;
    } finally {
      this.sending = false;
      this.paint();
    }
  }

  private sendQueued(session: Session): void {
    const [next, ...rest] = this.kept.queue;
    if (next === undefined || openTurns(session).length > 0 || this.sending || !this.canSend) return;
    if (!AGAIN.has(session.lastEnd?.reason ?? "")) return;
    this.keep({ queue: rest });
    void this.prompt(next.text, next.attachments).then((sent) => {
      if (!sent) this.keep({ queue: [next, ...this.kept.queue] });
    });
  }

  async stop(): Promise<void> {
    const sessionId = this.kept.sessionId;
    if (sessionId !== null) await this.tell(() => this.host.request("postil/session/cancel", { sessionId }));
  }

  /** Do what may fail, and say in one line when it did. */
  async tell<T>(what: () => Promise<T>): Promise<T | null> {
    this.fault = "";
    try {
      return await what();
    } catch (error) {
      this.fault = wordsOf(error);
      return null;
    } finally {
      this.paint();
    }
  }
}

function restartedWords(session: Session): string {
  const unknown = [...session.calls.values()].filter((it) => it.status === "unknown").length;
  if (unknown === 0) return "Restarted.";
  return unknown === 1 ? "Restarted. 1 outcome is unknown." : `Restarted. ${unknown} outcomes are unknown.`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
