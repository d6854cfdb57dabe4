/** What is attached to a prompt: a selection, files that were dropped, and what a person chooses. */

import * as vscode from "vscode";
import type { Attached } from "../chat/messages";
import type { FilesResult, PromptContext } from "../protocol_gen";
import { excluded } from "./excluding";
import { nameOfUri } from "./opening";
import type { Parts } from "./parts";
import { inWords } from "./titles";

const LEFT_OUT = "Any file that is not here, as ignored and hidden ones, can be mentioned with @";

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
  const path = nameOfUri(document.uri);
  const item = attached("selection", path, document.getText(whole), selection.start.line + 1, end + 1);
  parts.chat.post({
    type: "attach",
    items: [{ label: `${base(path)}:${lineRange(selection.start.line + 1, end + 1)}`, context: item }],
  });
}

/**
 * Attaches files that the person has dropped or chosen, of the workspace or not: by their paths. The server reads them
 * when the prompt is sent, by the rules, limits and marks that hold for the tool `read`; nothing is read here.
 */
export async function attachUris(parts: Parts, uris: readonly string[]): Promise<void> {
  const items: Attached[] = [];
  const others: string[] = [];
  for (const uri of uris.map((it) => here(vscode.Uri.parse(it)))) {
    const stat = await vscode.workspace.fs.stat(uri).then(
      (it) => it,
      () => undefined,
    );
    if (uri.scheme === "file" && stat !== undefined && (stat.type & vscode.FileType.File) !== 0) {
      items.push({ label: base(uri.path), context: attached("file", uri.fsPath, "", 0, 0) });
    } else {
      others.push(base(uri.path));
    }
  }
  parts.chat.post({ type: "attach", items });
  if (others.length > 0) {
    void vscode.window.showInformationMessage(
      `Only files are attached, and this is none: ${others.join(", ")}.`,
    );
  }
}

/** A window on another machine names its files by that machine; where this runs they are files like any. */
function here(uri: vscode.Uri): vscode.Uri {
  return uri.scheme === "vscode-remote" ? vscode.Uri.file(uri.path) : uri;
}

/** Returns the files of a folder that the agent would find, without those that the person has left out of lists. */
function filesOf(parts: Parts, folder: vscode.WorkspaceFolder): Promise<FilesResult> {
  const set = (section: string): unknown =>
    vscode.workspace.getConfiguration(section, folder.uri).get("exclude");
  const uri = here(folder.uri).toString();
  return parts.server.ask("postil/files", { uri, exclude: excluded(set("files"), set("search")) });
}

/** Lets a person choose files of the workspace. */
export async function pickContext(parts: Parts): Promise<void> {
  const found = await Promise.all((vscode.workspace.workspaceFolders ?? []).map((it) => filesOf(parts, it)));
  const rows = [...new Map(found.flatMap((it) => it.files).map((it) => [it.uri, it])).values()];
  const items = rows
    .map(({ path, uri }) => ({ label: base(path), description: path, uri }))
    .sort((a, b) => a.description.localeCompare(b.description))
    .map(inWords);
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Attach Files",
    placeHolder: found.every((it) => it.complete) ? LEFT_OUT : `Not all files. ${LEFT_OUT}`,
    canPickMany: true,
    matchOnDescription: true,
  });
  if (chosen !== undefined && chosen.length > 0) {
    await attachUris(
      parts,
      chosen.map((it) => it.uri),
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

/** Returns how lines are named: *3-7*, and *3* where it is one. */
export function lineRange(first: number, last: number): string {
  return last > first ? `${first}-${last}` : `${first}`;
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
