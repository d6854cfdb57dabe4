/** The chat's view: hands messages to its webview and takes those that fit. What they mean is for the bridge. */

import * as vscode from "vscode";
import type { Update } from "../protocol_gen";
import { Held } from "./held";
import { page } from "./html";
import { merged } from "./merging";
import type { FromView, ToView } from "./messages";
import { readFromView } from "./messages";

export const VIEW = "postil.chat";
/** How long updates are gathered: a person sees no more than so many a second. */
const GATHERED = 33;

export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private ready = false;
  private focused = false;
  private readonly held = new Held();
  private gathered: Update[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly received = new vscode.EventEmitter<FromView>();
  private readonly shown = new vscode.EventEmitter<boolean>();
  readonly onMessage = this.received.event;
  readonly onShown = this.shown.event;

  constructor(
    private readonly dist: vscode.Uri,
    private readonly media: vscode.Uri,
    private readonly channel: vscode.LogOutputChannel,
  ) {}

  get visible(): boolean {
    return this.view?.visible === true;
  }

  /** Whether the focus is in it, as far as it has said. */
  get hasFocus(): boolean {
    return this.visible && this.focused;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    this.ready = this.focused = false;
    view.webview.options = {
      enableScripts: true,
      enableCommandUris: false,
      localResourceRoots: [this.dist, this.media],
    };
    view.webview.onDidReceiveMessage((value: unknown) => this.take(value));
    view.onDidChangeVisibility(() => this.shown.fire(view.visible));
    view.onDidDispose(() => {
      this.view = undefined;
      this.ready = false;
    });
    view.webview.html = page(view.webview, this.dist);
    this.shown.fire(true);
  }

  /** Hands a message over; without a page that is ready it is kept where that page would not ask for it. */
  post(message: ToView): void {
    if (this.ready && this.view !== undefined) {
      this.flush();
      void this.view.webview.postMessage(message);
    } else {
      this.held.hold(message);
    }
  }

  /** Tells a page that is ready now what it missed: what was attached and written, and where the focus was wanted. */
  catchUp(): void {
    for (const message of this.held.take()) {
      this.post(message);
    }
  }

  /** Hands an update over, with those that come at about the same time. */
  update(update: Update): void {
    if (!this.ready) {
      return;
    }
    this.gathered.push(update);
    this.timer ??= setTimeout(() => this.flush(), GATHERED);
  }

  /** Says how many questions wait, on the view's icon. */
  badge(questions: number): void {
    if (this.view !== undefined) {
      const tooltip = questions === 1 ? "1 question" : `${questions} questions`;
      this.view.badge = questions === 0 ? undefined : { value: questions, tooltip };
    }
  }

  /** Names the session behind the container's title: a single view's description would not be shown. */
  describe(title: string): void {
    if (this.view !== undefined) {
      this.view.title = title === "" ? "Postil" : title;
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.received.dispose();
    this.shown.dispose();
  }

  private take(value: unknown): void {
    const read = readFromView(value);
    if (!read.ok) {
      this.channel.warn(`The chat said something that does not fit: ${read.why}`);
      return;
    }
    if (read.message.type === "ready") {
      this.ready = true;
      this.gathered = [];
    }
    if (read.message.type === "focused") {
      this.focused = read.message.where !== "none";
    }
    this.received.fire(read.message);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const all = merged(this.gathered.splice(0));
    const view = this.view;
    while (view !== undefined && all.length > 0) {
      // Those of one session that follow each other go together; the order stays.
      const sessionId = all[0]?.sessionId ?? "";
      const end = all.findIndex((it) => it.sessionId !== sessionId);
      const updates = all.splice(0, end < 0 ? all.length : end);
      void view.webview.postMessage({ type: "updates", sessionId, updates } satisfies ToView);
    }
  }
}
