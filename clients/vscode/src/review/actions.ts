/** The light bulb of this client: what can be done with a hunk, and with a selection. The server has the rest. */

import * as vscode from "vscode";
import type { Review } from "./review";

export const KINDS = [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.Refactor];

export class HunkActions implements vscode.CodeActionProvider {
  constructor(private readonly review: Review) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range | vscode.Selection,
  ): Promise<vscode.CodeAction[]> {
    const { QuickFix, Refactor } = vscode.CodeActionKind;
    const actions: vscode.CodeAction[] = [];
    if (!range.isEmpty) {
      actions.push(action("Add selection to chat", Refactor, "postil.addSelection"));
    }
    const reviewed = await this.review.hunks(document);
    const line = range.start.line;
    const hunk = reviewed?.hunks.find((it) => line >= it.start && line < Math.max(it.end, it.start + 1));
    if (hunk !== undefined) {
      actions.push(
        action("Keep this hunk", QuickFix, "postil.keepHunk", document.uri, hunk.start),
        action("Undo this hunk", QuickFix, "postil.undoHunk", document.uri, hunk.start),
        action("Why this change?", QuickFix, "postil.whyHunk", document.uri, hunk.start),
        action("Keep all", QuickFix, "postil.keepAll"),
        action("Undo all", QuickFix, "postil.undoAll"),
      );
    }
    return actions;
  }
}

/** Nothing is preferred: no key chooses one of these by itself. */
function action(
  title: string,
  kind: vscode.CodeActionKind,
  command: string,
  ...args: unknown[]
): vscode.CodeAction {
  const made = new vscode.CodeAction(title, kind);
  made.command = { title, command, arguments: args };
  return made;
}
