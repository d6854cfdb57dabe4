/** What the view knows and does: the sessions as they fold, what is kept of the view itself, and what it asks of the host. */
import type { Opened, Reviewed, Settings, Status, ToView } from "../src/chat/messages";
import {
  currentTurn,
  emptySession,
  isSettled,
  type Session,
  type Stamped,
  touchChanges,
  type Waiting,
} from "../src/session/model";
import { apply, fold } from "../src/session/store";
import { attachedAgain } from "./again";
import { superfluous } from "./bounded";
import { givenBack, movedTo } from "./drafts";
import { announcement, announcementBelow, type Heard, heardOf, restartedWords, standing } from "./announcing";
import { HELD, hindrance, isComing } from "./hindrance";
import { type Api, Host } from "./host";
import { type Attachment, attachmentKey, type Found, type Kept, pruned, readKept } from "./kept";
import { painter } from "./painter";
import { Reading } from "./reading";
import { Returning } from "./returning";
import { Settling } from "./settling";

export type Listener = () => void;
type How = "send" | "other";

export class Chat {
  readonly host: Host;
  readonly sessions = new Map<string, Session>();
  readonly found = new Map<string, Found>();
  readonly review = new Map<string, Reviewed["open"]>();
  /** By how many lines the files differ that are to be looked at. */
  readonly counts = new Map<string, Reviewed["counts"]>();
  readonly hunks = new Settling();
  readonly reading = new Reading(this);
  readonly returning = new Returning();
  status: Status | null = null;
  settings: Settings | null = null;
  mac = false;
  kept: Kept;
  /** The one line of what went wrong with what was asked last. */
  fault = "";
  announced = "";
  /** Asks the view to move the focus, once. */
  wanted: "composer" | "question" | "previousTurn" | "nextTurn" | "find" | null = null;
  /** Of a question, which one; undefined is whichever comes first. */
  wantedQuestion: string | undefined;
  /** Whether the focus is not in the chat when it is wanted there. */
  wantedFromEditor = false;
  revision = 0;
  private readonly listeners = new Set<Listener>();
  private readonly paint = painter(() => {
    this.revision += 1;
    for (const listener of this.listeners) listener();
  });
  private saving: ReturnType<typeof setTimeout> | null = null;
  private sending = false;
  /** How what is written is sent as soon as the server is there; null where nobody has sent it, or it was changed since. */
  held: How | null = null;

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

  /** Change what is kept over a reload: what is written at once, for nothing can be said once the view goes. */
  keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    if (change.draft !== undefined || change.attachments !== undefined) this.held = null;
    if (change.open !== undefined) this.kept.open = pruned(this.kept.open);
    const written = (["draft", "attachments", "written"] as const).some((it) => change[it] !== undefined);
    if (written) this.flush();
    else this.saving ??= setTimeout(() => this.flush(), 200);
    this.paint();
  }

  /** Have everything kept by now. */
  flush(): void {
    if (this.saving !== null) clearTimeout(this.saving);
    this.saving = null;
    this.host.keep(this.kept);
  }

  isOpen(key: string): boolean | undefined {
    return this.kept.open[key];
  }

  private take(message: ToView): void {
    switch (message.type) {
      case "init": {
        const again = this.status !== null;
        this.mac = message.mac;
        this.settings = message.settings;
        this.stands(message.status);
        // What was kept over a reload stands until the host names a session, or says a second time that there is none.
        if (message.sessionId !== this.kept.sessionId && (message.sessionId !== null || again))
          this.goTo(message.sessionId);
        break;
      }
      case "status":
        this.stands(message.status);
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
      case "review":
        this.reviewed(message);
        break;
      case "settled":
        this.hunks.told(message);
        touchChanges(this.known(message.sessionId), new Set([message.changeId]));
        break;
      case "attach":
        this.attach(message.items);
        break;
      case "draft":
        this.write(message.text);
        break;
      case "notice":
        this.fault = this.announced = message.text;
        break;
      case "focus":
        this.wanted = message.target;
        this.wantedQuestion = message.questionId;
        this.wantedFromEditor = message.fromEditor === true;
        break;
      case "response":
        break;
    }
    this.paint();
  }

  /** Whether a change is neither kept nor taken back. A sub-agent's is on the record of the session in view as well, where that is said. */
  isLeft(session: Session, { changeId, path }: { changeId: string; path: string }): boolean {
    const top = this.session ?? session;
    const open = this.review.get(top.id);
    const settled = [session, top].some((it) => isSettled(it, changeId, path));
    return (
      !settled && (open === undefined || open.some((it) => it.changeId === changeId && it.path === path))
    );
  }

  /** What is not to be looked at any more is painted anew. */
  private reviewed({ sessionId, open, counts }: Reviewed): void {
    this.counts.set(sessionId, counts);
    const ids = new Set(open.map((it) => it.changeId));
    const gone = (this.review.get(sessionId) ?? []).map((it) => it.changeId).filter((it) => !ids.has(it));
    this.review.set(sessionId, open);
    const session = this.sessions.get(sessionId);
    if (session !== undefined) touchChanges(session, new Set(gone));
  }

  private stands(status: Status): void {
    const words = this.settings?.announce === "off" ? "" : standing(this.status, status);
    const hindered = this.fault !== "" && this.fault === hindrance(this.status, this.readOnly);
    this.status = status;
    if (hindered) this.fault = hindrance(status, this.readOnly);
    if (this.held !== null && !isComing(status, this.readOnly)) void this.submit(this.held);
    if (words !== "") this.announced = words;
  }

  private goTo(sessionId: string | null): void {
    this.fault = "";
    this.keep({ ...movedTo(this.kept, sessionId), sessionId, open: {}, fromEnd: 0 });
  }

  private opened(message: Opened): void {
    const session = fold(message.events, emptySession(message.sessionId));
    const child = session.parentId !== null && session.parentId === this.kept.sessionId;
    this.sessions.set(message.sessionId, session);
    const { suspended, readOnly, note } = message;
    this.found.set(message.sessionId, { suspended, readOnly, note });
    if (!child && this.kept.sessionId !== message.sessionId) this.goTo(message.sessionId);
    this.bound();
    if (suspended) this.announced = restartedWords(session);
    this.reading.meetBelow(session);
  }

  known(sessionId: string): Session {
    const known = this.sessions.get(sessionId);
    if (known !== undefined) return known;
    const session = emptySession(sessionId);
    this.sessions.set(sessionId, session);
    this.bound();
    return session;
  }

  /** What is kept of sessions does not grow without end. */
  private bound(): void {
    for (const id of superfluous(this.sessions, this.session))
      for (const all of [this.sessions, this.found, this.review, this.counts]) all.delete(id);
  }

  private update(sessionId: string, updates: Stamped[]): void {
    const session = this.known(sessionId);
    const before = heardOf(session);
    for (const update of updates) {
      if (update.seq !== null && update.seq > session.seq + 1) {
        if (sessionId === this.kept.sessionId) void this.reading.fill(session);
        if (session.seq > 0 || sessionId === this.kept.sessionId) break;
      }
      apply(session, update);
      if (update.event.type === "StageChanged" || update.event.type === "ModelCalled")
        this.resumed(sessionId);
    }
    const words = this.heard(before, session);
    if (words !== "") this.announced = words;
  }

  /** Return what there is to hear: of the session in view, and of a sub-agent that it waits. */
  heard(before: Heard, session: Session): string {
    const how = this.settings?.announce ?? "questions+ends";
    const top = this.session;
    const mac = this.mac ? "Command K, Command Y" : "Control K, Control Y";
    const keys = this.readOnly ? "" : mac;
    if (session.id === top?.id) return announcement(before, session, keys, how);
    return top === null ? "" : announcementBelow(before, session, top, this.sessions, keys, how);
  }

  private resumed(sessionId: string): void {
    const found = this.found.get(sessionId);
    if (found?.suspended === true) this.found.set(sessionId, { ...found, suspended: false });
  }

  /** Begin a prompt, or go on with what is written; the person sends it. */
  write(text: string): void {
    this.keep({ draft: this.kept.draft === "" ? text : `${this.kept.draft}\n${text}` });
    this.wanted = "composer";
  }

  attach(items: readonly Attachment[]): void {
    const known = new Set(this.kept.attachments.map(attachmentKey));
    const fresh = items.filter((it) => !known.has(attachmentKey(it)));
    this.keep({ attachments: [...this.kept.attachments, ...fresh] });
    this.wanted = "composer";
  }

  /** Send what is written; while the agent works it waits or steers, whichever is set, and `other` is the other of them. */
  async submit(how: How): Promise<void> {
    const { draft, attachments, sessionId } = this.kept;
    if (draft.trim() === "") return;
    this.held = isComing(this.status, this.readOnly) ? how : null;
    if (this.held !== null) {
      this.announced = `${HELD}.`;
      this.paint();
      return;
    }
    const why = hindrance(this.status, this.readOnly);
    if (why !== "") {
      this.blame(why);
      return;
    }
    this.keep({ draft: "", attachments: [] });
    const steer = this.busy && (this.settings?.whileBusy === "steer") !== (how === "other");
    if (!(await this.prompt(draft, attachments, steer))) this.giveBack(draft, attachments, sessionId);
  }

  /** Take back a message that waits, and put it where it can be written anew. */
  async editWaiting({ prompt }: Waiting): Promise<void> {
    const { sessionId } = this.kept;
    if (!(await this.takeBack(prompt.turn_id))) return;
    this.giveBack(prompt.text, attachedAgain(prompt), sessionId);
    this.wanted = "composer";
    this.paint();
  }

  async takeBack(promptId: string): Promise<boolean> {
    const sessionId = this.kept.sessionId ?? "";
    return (
      (await this.tell(() => this.host.request("postil/session/takeBack", { sessionId, promptId }))) !== null
    );
  }

  async sendWaiting(promptId: string): Promise<void> {
    const sessionId = this.kept.sessionId ?? "";
    await this.tell(() => this.host.request("postil/session/sendWaiting", { sessionId, promptId }));
  }

  /** Puts words before what is written by now, in the session that they are of: nothing of either is lost. */
  giveBack(draft: string, attachments: Attachment[], sessionId: string | null): void {
    this.keep(givenBack(this.kept, sessionId, { draft, attachments }));
  }

  holdBack(): void {
    this.held = null;
    this.paint();
  }

  get canSend(): boolean {
    return hindrance(this.status, this.readOnly) === "";
  }

  get canSubmit(): boolean {
    return this.canSend || isComing(this.status, this.readOnly);
  }

  private async prompt(text: string, attachments: readonly Attachment[], steer: boolean): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    this.fault = "";
    try {
      let sessionId = this.kept.sessionId;
      if (sessionId === null) {
        sessionId = (await this.host.request("postil/session/new", {})).sessionId;
        if (!this.sessions.has(sessionId)) this.sessions.set(sessionId, emptySession(sessionId));
        // Another that came into view meanwhile stays there.
        if (this.kept.sessionId === null) this.keep({ sessionId });
      }
      const { queued } = await this.host.request("postil/session/prompt", {
        text,
        sessionId,
        context: attachments.map((it) => it.context),
        steer,
      });
      // Who sends wants to see what comes of it. What waits comes later, and nobody is taken from what they read.
      if (!queued) this.keep({ fromEnd: 0 });
      return true;
    } catch (error) {
      this.blame(error);
      return false;
    } finally {
      this.sending = false;
      this.paint();
    }
  }

  async stop(): Promise<void> {
    const sessionId = this.kept.sessionId;
    if (sessionId !== null) await this.tell(() => this.host.request("postil/session/cancel", { sessionId }));
  }

  /** Say what went wrong, in one line, to those who hear as well. */
  blame(error: unknown): void {
    this.fault = this.announced = error instanceof Error ? error.message : String(error);
    this.paint();
  }

  /** Do what may fail, and say in one line when it did. */
  async tell<T>(what: () => Promise<T>): Promise<T | null> {
    this.fault = "";
    try {
      return await what();
    } catch (error) {
      this.blame(error);
      return null;
    } finally {
      this.paint();
    }
  }
}
