/** Says how things stand outside the chat: context keys, the status bar, the view's badge and title. */

import * as vscode from "vscode";
import type { Parts } from "./parts";
import { standing } from "./words";

export class Indicators implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "postil.status",
    vscode.StatusBarAlignment.Right,
    90,
  );
  private readonly keys = new Map<string, unknown>();
  private readonly listeners: readonly { dispose(): unknown }[];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: Parts) {
    const { conversation, server, review, chat, sandboxAndOwner } = parts;
    this.item.name = "Postil";
    const soon = (): void => {
      // Words arrive many times a second; what stands here changes seldom.
      this.timer ??= setTimeout(() => this.update(), 100);
    };
    this.listeners = [
      this.item,
      conversation.onChange(soon),
      server.onPhase(soon),
      sandboxAndOwner.onChange(soon),
      review.onChange(soon),
      chat.onShown(soon),
      vscode.window.onDidChangeActiveTextEditor(soon),
      vscode.window.onDidChangeTextEditorSelection(soon),
      vscode.workspace.onDidGrantWorkspaceTrust(soon),
      vscode.workspace.onDidChangeConfiguration(soon),
    ];
    this.update();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const it of this.listeners) {
      it.dispose();
    }
  }

  private update(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { conversation, server, review, chat } = this.parts;
    const { session } = conversation;
    const questions = conversation.asked.length;
    const files = review.files();
    const editor = vscode.window.activeTextEditor;
    const here = files.some((it) => it.path === editor?.document.uri.fsPath);
    this.key("postil.ready", server.ready);
    this.key("postil.busy", conversation.busy);
    this.key("postil.questions", questions);
    this.key("postil.hasTurns", session.turnCount > 0);
    this.key("postil.hasChanges", files.length > 0);
    this.key("postil.fileHasHunks", here);
    this.key(
      "postil.halted",
      [...conversation.own.values()].some((it) => it.question.kind === "halt"),
    );
    this.key("postil.retrying", conversation.waits.length > 0 && !conversation.readOnly);
    this.key("postil.suspended", conversation.suspended);
    void this.onHunk(here ? editor : undefined);
    chat.badge(questions);
    chat.describe(session.title);
    this.bar();
  }

  private async onHunk(editor: vscode.TextEditor | undefined): Promise<void> {
    const line = editor?.selection.active.line ?? -1;
    const reviewed = editor === undefined ? undefined : await this.parts.review.hunks(editor.document);
    this.key(
      "postil.onHunk",
      reviewed?.hunks.some((it) => line >= it.start && line < Math.max(it.end, it.start + 1)) ?? false,
    );
  }

  private bar(): void {
    const { conversation, server, sandboxAndOwner, launcher } = this.parts;
    if (!vscode.workspace.getConfiguration("postil").get<boolean>("statusBar", true)) {
      this.item.hide();
      return;
    }
    const restricted = !vscode.workspace.isTrusted;
    const said = standing({
      session: conversation.session,
      questions: conversation.asked.map((it) => it.item),
      busy: conversation.busy,
      waits: conversation.waits,
      phase: server.phase,
      message: server.message,
      install: launcher.install,
      restricted,
      sandbox: sandboxAndOwner.sandbox,
      owner: sandboxAndOwner.owner,
    });
    this.item.text = said.text;
    this.item.tooltip = said.tooltip;
    this.item.accessibilityInformation = { label: said.label, role: "button" };
    this.item.command = conversation.asked.length > 0 ? "postil.goToQuestion" : "postil.openChat";
    this.item.show();
  }

  private key(name: string, value: unknown): void {
    if (this.keys.get(name) !== value) {
      this.keys.set(name, value);
      void vscode.commands.executeCommand("setContext", name, value);
    }
  }
}
