/** Commands at a place in the editor: asking about it, and reviewing what was changed there. */

import * as vscode from "vscode";
import { askedWords } from "../client/middleware";
import { attachSelection, lineRange } from "../host/attaching";
import { nameOfUri, openReview } from "../host/opening";
import type { Parts } from "../host/parts";
import { place, placeOf } from "../host/place";
import type { OpenHunk } from "../review/hunks";
import type { Reviewed } from "../review/review";
import type { Command } from "./register";
import { focusChat } from "./session";
import { inWords } from "../host/titles";

const OURS = "Postil";

/** Returns them by name. */
export function editorCommands(parts: Parts): Record<string, Command> {
  const { server, review } = parts;
  const with_ =
    (use: (document: vscode.TextDocument, reviewed: Reviewed, hunk: OpenHunk) => unknown): Command =>
    async (uri?: vscode.Uri, line?: number) => {
      const found = await hunkAt(parts, uri, line);
      return found === undefined ? undefined : use(found.document, found.reviewed, found.hunk);
    };
  const path = (uri?: vscode.Uri): string | undefined =>
    (uri ?? vscode.window.activeTextEditor?.document.uri)?.fsPath;
  return {
    "postil.ask": async () => {
      const here = place(); // Before anybody writes: without one the words would be lost.
      const text = await askedWords();
      return text === undefined ? undefined : server.ask("postil.server.ask", { ...here, text });
    },
    "postil.explain": () => server.ask("postil.server.explain", place()),
    "postil.fix": () => fix(parts),
    "postil.addSelection": async () => {
      await focusChat(parts);
      attachSelection(parts);
    },
    "postil.reviewChanges": () => openReview(parts),
    "postil.keepHunk": with_((document, reviewed, hunk) => review.keepHunk(document, reviewed, hunk)),
    "postil.undoHunk": with_(async (document, reviewed, hunk) =>
      goToQuestionUnless(await review.undoHunk(document, reviewed, hunk)),
    ),
    "postil.whyHunk": with_((document, _, hunk) => why(parts, document, hunk)),
    "postil.goToHunk": (uri: vscode.Uri, line: number) => reveal(uri, line),
    "postil.keepFile": (uri?: vscode.Uri) => review.keep(path(uri)),
    "postil.undoFile": async (uri?: vscode.Uri) => goToQuestionUnless(await review.undo(path(uri))),
    "postil.keepAll": () => review.keep(),
    "postil.undoAll": async () => goToQuestionUnless(await review.undo()),
    "postil.nextHunk": () => step(parts, 1),
    "postil.previousHunk": () => step(parts, -1),
  };
}

async function goToQuestionUnless(done: boolean): Promise<void> {
  if (!done) {
    await vscode.commands.executeCommand("postil.goToQuestion");
  }
}

async function fix(parts: Parts): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const found =
    editor === undefined
      ? []
      : vscode.languages.getDiagnostics(editor.document.uri).filter((it) => it.source !== OURS);
  const here = found.filter(
    (it) => editor !== undefined && it.range.intersection(editor.selection) !== undefined,
  );
  const items = (here.length > 0 ? here : found).map((it) => ({
    ...inWords({ label: it.message, description: it.source ?? "" }),
    it,
  }));
  if (items.length === 0) {
    throw new Error("No problem is known in this file. “Postil: Ask Agent…” asks for anything else.");
  }
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: "Fix which problem?" });
  if (editor !== undefined && chosen !== undefined) {
    await parts.server.ask("postil.server.fix", {
      ...placeOf(editor.document.uri, chosen.it.range),
      diagnostic: chosen.it.message,
    });
  }
}

interface At {
  readonly document: vscode.TextDocument;
  readonly reviewed: Reviewed;
  readonly hunk: OpenHunk;
}

/** Returns the hunk at a line: that of a lens, else where the cursor is. */
async function hunkAt(
  parts: Parts,
  uri: vscode.Uri | undefined,
  line: number | undefined,
): Promise<At | undefined> {
  const editor = vscode.window.activeTextEditor;
  const document = uri === undefined ? editor?.document : await vscode.workspace.openTextDocument(uri);
  const reviewed = document === undefined ? undefined : await parts.review.hunks(document);
  const at = line ?? editor?.selection.active.line ?? 0;
  const hunk = reviewed?.hunks.find((it) => at >= it.start && at < Math.max(it.end, it.start + 1));
  return document === undefined || reviewed === undefined || hunk === undefined
    ? undefined
    : { document, reviewed, hunk };
}

/** Begins a prompt about a hunk; the person sends it. */
async function why(parts: Parts, document: vscode.TextDocument, hunk: OpenHunk): Promise<void> {
  const lines = lineRange(hunk.start + 1, hunk.end);
  await focusChat(parts);
  parts.chat.post({
    type: "draft",
    text: `Why this change in @${nameOfUri(document.uri)}:${lines}?`,
  });
}

/** Goes to the next hunk in this file, and from the last one to the first of the next file. */
async function step(parts: Parts, by: 1 | -1): Promise<void> {
  const files = parts.review.files().filter((it) => it.after !== null);
  const editor = vscode.window.activeTextEditor;
  const here = files.findIndex((it) => it.path === editor?.document.uri.fsPath);
  const line = here < 0 ? undefined : editor?.selection.active.line;
  for (let count = 0; count <= files.length; count++) {
    const file = files[(Math.max(here, 0) + count * by + files.length * 2) % files.length];
    if (file === undefined) {
      return;
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file.path));
    const starts = (await parts.review.hunks(document))?.hunks.map((it) => it.start) ?? [];
    const ordered = by === 1 ? starts : starts.reverse();
    const next = ordered.find((it) => count > 0 || line === undefined || (by === 1 ? it > line : it < line));
    if (next !== undefined) {
      await reveal(document.uri, next);
      return;
    }
  }
}

async function reveal(uri: vscode.Uri, line: number): Promise<void> {
  const at = new vscode.Position(line, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
}
