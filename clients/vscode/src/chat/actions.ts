/** What the chat may have the editor do: each by its name, with arguments that were checked. */

import * as vscode from "vscode";
import { attachUris, pickContext } from "../host/attaching";
import { openChange, openFile, openProposal } from "../host/opening";
import type { Parts } from "../host/parts";
import { pickMode, pickModel, pickSession } from "../host/pickers";
import { completed } from "../host/questions";
import type { AnswerParams } from "../protocol_gen";
import type { ChatCommand, ChatCommands } from "./messages";

type Actions = { [Name in ChatCommand]: (args: ChatCommands[Name]) => Promise<unknown> | Thenable<unknown> };

const run = (command: string, ...args: unknown[]): Thenable<unknown> =>
  vscode.commands.executeCommand(command, ...args);

/** Returns all of them. */
export function chatCommands(parts: Parts): Actions {
  const answer = async (params: AnswerParams): Promise<void> => {
    const whole = await completed(parts, params);
    if (whole !== undefined) {
      await parts.server.ask("postil/session/answer", whole);
    }
  };
  return {
    copy: ({ text }) => vscode.env.clipboard.writeText(text),
    insertAtCursor: ({ text }) => insert(text),
    openDiff: ({ sessionId, changeId, path, text }) =>
      text === undefined ? openChange(parts, sessionId, changeId, path) : openProposal(parts, path, text),
    openFile: ({ path, line }) => openFile(path, line),
    openLink: ({ href }) => openLink(href),
    openOutput: ({ title, text }) => openOutput(parts, title, text),
    showQuestion: (params) => parts.server.ask("postil.server.session.show", params),
    review: () => run("postil.reviewChanges"),
    reviewChanges: () => run("postil.reviewChanges"),
    keep: ({ path, hunk }) => settle(parts, "keep", path, hunk),
    undo: ({ sessionId, changeId, path, hunk }) =>
      hunk === undefined
        ? parts.server.ask("postil.server.session.undo", { sessionId, changeId })
        : settle(parts, "undo", path, hunk),
    keepAll: () => parts.review.keep(),
    undoAll: () => run("postil.undoAll"),
    setKey: () => parts.key.set(),
    useLocalServer: () => useLocalServer(),
    chooseInterpreter: () => run("workbench.action.openSettings", "postil.python.interpreter"),
    howToInstallPython: () => vscode.env.openExternal(vscode.Uri.parse("https://www.python.org/downloads/")),
    manageTrust: () => run("workbench.trust.manage"),
    pickSession: () => pickSession(parts),
    pickModel: () => pickModel(parts),
    pickMode: () => pickMode(parts),
    pickContext: () => pickContext(parts),
    attachUris: ({ uris }) => attachUris(parts, uris),
    changeLimits: () => run("workbench.action.openSettings", "postil.limits"),
    takeOver: ({ sessionId }) => parts.conversation.open(sessionId),
    restartServer: () => run("postil.restartServer"),
    showLog: () => run("postil.showLog"),
    giveFocusBack: () => run("workbench.action.focusActiveEditorGroup"),
    confirmAlways: (params) => answer(params),
    denyAndSayWhy: (params) => answer(params),
  };
}

async function insert(text: string): Promise<void> {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (editor === undefined) {
    void vscode.window.showInformationMessage("No editor is open to insert it in.");
    return;
  }
  await editor.edit((edit) => {
    for (const selection of editor.selections) {
      edit.replace(selection, text);
    }
  });
}

/** Opens a link of the model's prose: VS Code itself asks whether to leave the editor for it. */
async function openLink(href: string): Promise<void> {
  const uri = vscode.Uri.parse(href);
  if (uri.scheme === "https" || uri.scheme === "http") {
    await vscode.env.openExternal(uri);
  }
}

async function openOutput(parts: Parts, title: string, text: string): Promise<void> {
  const name =
    title
      .replace(/[^\w.-]+/g, " ")
      .trim()
      .slice(0, 60) || "output";
  const uri = parts.contents.ofText(`/${name}.txt`, text);
  await vscode.window.showTextDocument(uri, { preview: true });
}

async function settle(
  parts: Parts,
  what: "keep" | "undo",
  path: string,
  line: number | undefined,
): Promise<void> {
  if (line === undefined) {
    await (what === "keep" ? parts.review.keep(path) : parts.review.undo(path));
    return;
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const reviewed = await parts.review.hunks(document);
  const hunk = reviewed?.hunks.find((it) => it.hunk.start === line - 1);
  if (reviewed !== undefined && hunk !== undefined) {
    await (what === "keep" ? parts.review.keepHunk(reviewed, hunk) : parts.review.undoHunk(document, hunk));
  }
}

async function useLocalServer(): Promise<void> {
  const address = await vscode.window.showInputBox({
    title: "Use a Local Server",
    prompt: "The address of a server on this machine that speaks the Messages API. It needs no key.",
    value: "http://127.0.0.1:8080",
    validateInput: (text) =>
      /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/\S*)?$/.test(text)
        ? undefined
        : "An address on this machine, such as http://127.0.0.1:8080.",
  });
  if (address !== undefined) {
    await vscode.workspace
      .getConfiguration("postil")
      .update("baseUrl", address, vscode.ConfigurationTarget.Global);
  }
}
