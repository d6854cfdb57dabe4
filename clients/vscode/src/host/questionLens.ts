/** A lens at the place of an open question: its answers, in a QuickPick. */

import * as vscode from "vscode";
import type { Conversation } from "./conversation";

export class QuestionLens implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly listener: vscode.Disposable;
  private known = "";

  constructor(private readonly conversation: Conversation) {
    this.listener = conversation.onChange(() => {
      const now = conversation.asked.map((it) => it.item.question.id).join(" ");
      if (now !== this.known) {
        this.known = now;
        this.changed.fire();
      }
    });
  }

  dispose(): void {
    this.listener.dispose();
    this.changed.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const here = this.conversation.asked.filter(
      ({ item: { question } }) =>
        question.anchor !== null &&
        vscode.Uri.parse(question.anchor.uri).toString() === document.uri.toString(),
    );
    return here.flatMap(({ item: { question } }) => {
      const line = Math.min(question.anchor?.line ?? 0, Math.max(0, document.lineCount - 1));
      const range = new vscode.Range(line, 0, line, 0);
      const lens = (title: string, command: string): vscode.CodeLens =>
        new vscode.CodeLens(range, { title, command, arguments: [question.id] });
      return [lens("Postil asks", "postil.goToQuestion"), lens("Answer…", "postil.answer")];
    });
  }
}
