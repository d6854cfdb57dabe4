/** Opens files, native diffs of changes, and all changes beside each other. */

import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import type { Parts } from "./parts";

/** Returns the place of a file that a session names: absolute, or in the first folder. */
export function uriOf(path: string): vscode.Uri {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri;
  return isAbsolute(path) || root === undefined ? vscode.Uri.file(path) : vscode.Uri.joinPath(root, path);
}

/** Opens a file at a line (from 1). */
export async function openFile(path: string, line?: number): Promise<void> {
  const start = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  const options = line === undefined ? {} : { selection: new vscode.Range(start, start) };
  await vscode.window.showTextDocument(uriOf(path), { preview: true, ...options });
}

/** Opens the diff of one change; of the newest state where the change is the last one. */
export async function openChange(
  parts: Parts,
  sessionId: string | undefined,
  changeId: string | undefined,
  path: string,
): Promise<void> {
  const session = sessionId ?? parts.conversation.id ?? "";
  const uri = uriOf(path);
  const change = changeId === undefined ? undefined : parts.review.change(changeId, uri.fsPath);
  if (change === undefined) {
    await openFile(path);
    return;
  }
  const before = parts.contents.ofCheckpoint(uri.path, session, change.before);
  const open = parts.review.files().find((it) => it.path === change.path);
  const last = open?.changes.at(-1)?.changeId === change.changeId && change.after !== null;
  const after = last ? uri : parts.contents.ofCheckpoint(uri.path, session, change.after);
  await vscode.commands.executeCommand("vscode.diff", before, after, `${name(uri)} (${change.label})`, {
    preview: true,
  });
}

/** Opens what a code block proposes for a file, beside the file. */
export async function openProposal(parts: Parts, path: string, text: string): Promise<void> {
  const uri = uriOf(path);
  await vscode.commands.executeCommand(
    "vscode.diff",
    uri,
    parts.contents.ofText(uri.path, text),
    `${name(uri)} (proposed)`,
  );
}

/** Opens all open changes in one editor. */
export async function openReview(parts: Parts): Promise<void> {
  const { review, contents } = parts;
  const files = review.files();
  if (files.length === 0) {
    void vscode.window.showInformationMessage("Nothing is left to review.");
    return;
  }
  const rows = files.map((file) => {
    const uri = uriOf(file.path);
    const before =
      file.before === null ? undefined : contents.ofCheckpoint(uri.path, review.session, file.before);
    return [uri, before, file.after === null ? undefined : uri];
  });
  await vscode.commands.executeCommand("vscode.changes", "Changed by Postil", rows);
}

function name(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}
