/** Opens files, native diffs of changes, and all changes beside each other. */

import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { nameOf, placeOf } from "./naming";
import type { Parts } from "./parts";

/** Returns the place of a file that a session names. */
export function uriOf(path: string): vscode.Uri {
  return vscode.Uri.file(placeOf(path, folders(), existsSync));
}

/** Returns what a session calls a file. */
export function nameOfUri(uri: vscode.Uri): string {
  return nameOf(uri.fsPath, folders(), existsSync);
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((it) => it.uri.fsPath);
}

/** Opens a file at a line (from 1). */
export async function openFile(path: string, line?: number): Promise<void> {
  const start = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  const options = line === undefined ? {} : { selection: new vscode.Range(start, start) };
  await vscode.window.showTextDocument(uriOf(path), { preview: true, ...options });
}

/** Opens a text in a document of its own. */
export async function openText(
  { contents }: Pick<Parts, "contents">,
  title: string,
  text: string,
  { language, preserveFocus = false }: { language?: "diff" | undefined; preserveFocus?: boolean } = {},
): Promise<void> {
  const name =
    title
      .replace(/[^\w.-]+/g, " ")
      .trim()
      .slice(0, 60) || "output";
  const uri = contents.ofText(`/${name}.${language ?? "txt"}`, text);
  await vscode.window.showTextDocument(uri, { preview: true, preserveFocus });
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
  const texts = [change.before, change.after].map((it) => parts.contents.text(session, it));
  if ((await Promise.all(texts)).includes(undefined)) {
    void vscode.window.showInformationMessage(
      `What ${name(uri)} was at this change is not kept any more, so there is no diff of it. Here is the file as it is now.`,
    );
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
    const base = review.base(file.path);
    const before =
      base !== undefined
        ? contents.ofText(uri.path, base)
        : file.before === null
          ? undefined
          : contents.ofCheckpoint(uri.path, review.session, file.before);
    return [uri, before, file.after === null ? undefined : uri];
  });
  await vscode.commands.executeCommand("vscode.changes", "Changed by Postil", rows);
}

function name(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf("/") + 1);
}
