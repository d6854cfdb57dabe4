/** What is attached to a prompt: a selection, files that were dropped, and what a person chooses. */

import * as vscode from "vscode";
import type { Attached } from "../chat/messages";
import type { PromptContext } from "../protocol_gen";
import type { Parts } from "./parts";

/** Attaches the selection of the editor in front. */
export function attachSelection(parts: Parts): void {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.selection.isEmpty) {
    return;
  }
  const { document, selection } = editor;
  // A selection that ends at a line's very beginning has nothing of that line.
  const end =
    selection.end.character === 0 && selection.end.line > selection.start.line
      ? selection.end.line - 1
      : selection.end.line;
  const whole = new vscode.Range(selection.start.line, 0, end, document.lineAt(end).text.length);
  const path = named(document.uri);
  const item = attached("selection", path, document.getText(whole), selection.start.line + 1, end + 1);
  parts.chat.post({
    type: "attach",
    items: [{ label: `${base(path)}:${selection.start.line + 1}-${end + 1}`, context: item }],
  });
}

/** Attaches files that the person has dropped or chosen: their own act, so that nobody else is asked. Only files of the workspace. */
export async function attachUris(parts: Parts, uris: readonly string[]): Promise<void> {
  const items: Attached[] = [];
  for (const uri of uris.map((it) => vscode.Uri.parse(it)).filter((it) => it.scheme === "file")) {
    const stat = await vscode.workspace.fs.stat(uri).then(
      (it) => it,
      () => undefined,
    );
    if (stat?.type === vscode.FileType.File && vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
      const document = await vscode.workspace.openTextDocument(uri).then(
        (it) => it,
        () => undefined,
      );
      if (document !== undefined) {
        const path = named(uri);
        items.push({ label: base(path), context: attached("file", path, document.getText(), 0, 0) });
      }
    }
  }
  parts.chat.post({ type: "attach", items });
}

/** Lets a person choose files of the workspace. */
export async function pickContext(parts: Parts): Promise<void> {
  const uris = await vscode.workspace.findFiles("**/*", undefined, 5_000);
  const items = uris
    .map((uri) => ({ label: base(uri.path), description: named(uri), uri }))
    .sort((a, b) => a.description.localeCompare(b.description));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Attach Files",
    canPickMany: true,
    matchOnDescription: true,
  });
  if (chosen !== undefined && chosen.length > 0) {
    await attachUris(
      parts,
      chosen.map((it) => it.uri.toString()),
    );
  }
}

function attached(
  kind: PromptContext["kind"],
  path: string,
  text: string,
  first: number,
  last: number,
): PromptContext {
  return { kind, path, text, first_line: first, last_line: last, name: "", note: "", sources: [] };
}

function named(uri: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(uri) === undefined
    ? uri.fsPath
    : vscode.workspace.asRelativePath(uri, false);
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
