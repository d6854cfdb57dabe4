/** Quiet lenses over the agent's hunks: Keep, Undo, Why?. They go when a hunk is kept, undone or edited. */

import * as vscode from "vscode";
import type { Review } from "./review";

export class HunkLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly listener: vscode.Disposable;

  constructor(private readonly review: Review) {
    this.listener = vscode.Disposable.from(
      review.onChange(() => this.changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("postil.review")) {
          this.changed.fire();
        }
      }),
    );
  }

  dispose(): void {
    this.listener.dispose();
    this.changed.dispose();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!vscode.workspace.getConfiguration("postil").get<boolean>("review.lenses", true)) {
      return [];
    }
    const reviewed = await this.review.hunks(document);
    if (reviewed === undefined) {
      return [];
    }
    const uri = document.uri;
    const count = reviewed.hunks.length;
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (range: vscode.Range, title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
      new vscode.CodeLens(range, { title, command, arguments: args });
    const first = reviewed.hunks[0];
    return [
      lens(
        top,
        `Postil changed ${count === 1 ? "1 hunk" : `${count} hunks`}`,
        "postil.goToHunk",
        uri,
        first?.start ?? 0,
      ),
      lens(top, "Keep file", "postil.keepFile", uri),
      lens(top, "Undo file", "postil.undoFile", uri),
      lens(top, "Next", "postil.nextHunk"),
      ...reviewed.hunks.flatMap((hunk) => {
        const line = Math.min(hunk.start, Math.max(0, document.lineCount - 1));
        const range = new vscode.Range(line, 0, line, 0);
        return [
          lens(range, "Keep", "postil.keepHunk", uri, hunk.start),
          lens(range, "Undo", "postil.undoHunk", uri, hunk.start),
          lens(range, "Why?", "postil.whyHunk", uri, hunk.start),
        ];
      }),
    ];
  }
}
