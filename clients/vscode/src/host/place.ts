/** Where the cursor is, as the server takes it. */

import * as vscode from "vscode";
import { FOLLOWED } from "../client/followed";
import type { PlaceParams } from "../protocol_gen";

/** Returns the selection of the editor in front. An output panel, or the old side of a diff, is an editor as well, and no file. */
export function place(): PlaceParams {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    throw new Error("No editor has the focus. Put the cursor where the agent is to look.");
  }
  if (!FOLLOWED.includes(editor.document.uri.scheme)) {
    throw new Error("The cursor is not in a file. Put it where the agent is to look.");
  }
  return placeOf(editor.document.uri, editor.selection);
}

/** Returns a place in a document. */
export function placeOf(uri: vscode.Uri, range: vscode.Range): PlaceParams {
  const point = ({ line, character }: vscode.Position): { line: number; character: number } => ({
    line,
    character,
  });
  return { uri: uri.toString(), range: { start: point(range.start), end: point(range.end) } };
}
