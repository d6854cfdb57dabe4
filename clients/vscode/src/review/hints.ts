/** Says which hunks Postil changed where no lenses say it: as hints, which editors show as three dots and no list has. */

import * as vscode from "vscode";
import type { Review, Reviewed } from "./review";

/** For how long it is waited for more typing. */
const SETTLES = 150;

export class HunkHints implements vscode.Disposable {
  private readonly hints = vscode.languages.createDiagnosticCollection("postil.changed");
  private readonly listeners: readonly { dispose(): unknown }[];
  private timer: NodeJS.Timeout | undefined;
  private round = 0;

  constructor(private readonly review: Review) {
    const soon = (): void => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.update(), SETTLES);
    };
    this.listeners = [
      this.hints,
      review.onChange(soon),
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.workspace.onDidChangeTextDocument(soon),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("postil.review") || event.affectsConfiguration("editor.codeLens")) {
          soon();
        }
      }),
    ];
    soon();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const it of this.listeners) {
      it.dispose();
    }
  }

  private async update(): Promise<void> {
    this.round += 1;
    const round = this.round;
    const documents = new Set(vscode.window.visibleTextEditors.map((it) => it.document));
    const found: [vscode.Uri, vscode.Diagnostic[]][] = [];
    for (const document of documents) {
      const reviewed = wanted(document) ? await this.review.hunks(document) : undefined;
      if (reviewed !== undefined) {
        found.push([document.uri, hintsOf(document, reviewed)]);
      }
    }
    if (round === this.round) {
      this.hints.clear();
      this.hints.set(found);
    }
  }
}

/** Whether a document gets hints: they are wanted, and no lenses stand over its hunks. */
function wanted(document: vscode.TextDocument): boolean {
  const ours = vscode.workspace.getConfiguration("postil.review", document);
  const lenses =
    ours.get<boolean>("lenses", true) &&
    vscode.workspace.getConfiguration("editor", document).get<boolean>("codeLens", true);
  return ours.get<boolean>("hints", true) && !lenses;
}

function hintsOf(document: vscode.TextDocument, { file, hunks }: Reviewed): vscode.Diagnostic[] {
  const label = file.changes.at(-1)?.label ?? "";
  return hunks.map((hunk) => {
    const last = Math.max(0, document.lineCount - 1);
    const start = Math.min(hunk.start, last);
    const end = Math.min(Math.max(hunk.end - 1, start), last);
    const range = new vscode.Range(start, 0, end, document.lineAt(end).text.length);
    const message = label === "" ? "Changed by Postil." : `Changed by Postil: ${label}.`;
    const hint = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Hint);
    hint.source = "Postil";
    hint.code = "changed";
    return hint;
  });
}
