/** A code block of the chat in an editor: put in at the cursor, and before that a diff of what this would do. */

import * as vscode from "vscode";
import { uriOf } from "./opening";
import type { Parts } from "./parts";
import { inserted, whole } from "./proposing";

const NO_EDITOR = "No editor is open to insert it in.";

/** Where a block goes. */
interface Target {
  readonly document: vscode.TextDocument;
  readonly selections: readonly vscode.Range[];
  readonly viewColumn?: vscode.ViewColumn | undefined;
}

/** What a diff shows that a block would do: what inserting the block does while that diff is looked at. */
interface Previewed extends Target {
  readonly shown: vscode.Uri;
  readonly block: string;
  readonly put: string;
  readonly version: number;
}

let previewed: Previewed | undefined;

/** Returns the last preview where it is of this block, looked at now, and of the text as it still is. */
function previewOf(block: string): Previewed | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const looked = input instanceof vscode.TabInputTextDiff ? input.modified.toString() : undefined;
  const same =
    previewed?.shown.toString() === looked &&
    previewed?.block === block &&
    previewed.document.version === previewed.version;
  return same ? previewed : undefined;
}

function target(): Target | undefined {
  return [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors].find(
    (it) => it !== undefined && ["file", "untitled", "vscode-remote"].includes(it.document.uri.scheme),
  );
}

/** Puts a block in place of what is selected, or at the cursor. */
export async function insert(parts: Parts, text: string): Promise<void> {
  const preview = previewOf(text);
  const place = preview ?? target();
  if (place === undefined) {
    parts.chat.post({ type: "notice", text: NO_EDITOR });
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  for (const selection of place.selections) {
    edit.replace(place.document.uri, selection, preview?.put ?? text);
  }
  await vscode.workspace.applyEdit(edit);
  // Who inserts goes on there: to type, or to undo it.
  await vscode.window.showTextDocument(place.document, place.viewColumn);
}

/** Opens the diff of what a block would do: to the file that it is the whole of, else to the text of the editor. */
export async function preview(parts: Parts, path: string, text: string): Promise<void> {
  const file = path === "" ? undefined : await fileOf(path);
  const replaced = file === undefined ? undefined : whole(file.getText(), text);
  if (file !== undefined && replaced !== undefined) {
    const all = new vscode.Range(file.positionAt(0), file.positionAt(file.getText().length));
    const { version } = file;
    const shown = await show(parts, file, replaced, "as the code block has it");
    previewed = { document: file, selections: [all], version, shown, block: text, put: replaced };
    return;
  }
  const place = target();
  if (place === undefined) {
    parts.chat.post({ type: "notice", text: "No editor is open to compare it with." });
    return;
  }
  const { document, selections } = place;
  const { version } = document;
  const spans = selections.map((it) => ({
    start: document.offsetAt(it.start),
    end: document.offsetAt(it.end),
  }));
  const where = selections.every((it) => it.isEmpty) ? "at the cursor" : "in place of the selection";
  const made = inserted(document.getText(), spans, text);
  const shown = await show(parts, document, made, `with the code block ${where}`);
  previewed = { document, selections, version, shown, block: text, put: text };
}

/** Opens the diff; returns what stands on its right. */
async function show(
  parts: Parts,
  document: vscode.TextDocument,
  text: string,
  words: string,
): Promise<vscode.Uri> {
  const { uri } = document;
  const name = uri.path.slice(uri.path.lastIndexOf("/") + 1);
  const title = `${name} (${words})`;
  const shown = parts.contents.ofText(uri.path, text);
  await vscode.commands.executeCommand("vscode.diff", uri, shown, title);
  return shown;
}

/** Returns the text of a file that a block names, as it is in its editor; undefined where the workspace has no such text. */
async function fileOf(path: string): Promise<vscode.TextDocument | undefined> {
  const uri = uriOf(path);
  if (vscode.workspace.getWorkspaceFolder(uri) === undefined) {
    return undefined;
  }
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined; // It is not there, or it is no text.
  }
}
