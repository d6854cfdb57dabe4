/** What the chat may have the editor do: each by its name, with arguments that were checked. */

import * as vscode from "vscode";
import { attachUris, pickContext } from "../host/attaching";
import { followLink } from "../host/following";
import { openChange, openFile, openText } from "../host/opening";
import type { Parts } from "../host/parts";
import { pickMode, pickModel, pickSession } from "../host/pickers";
import { insert, preview } from "../host/preview";
import { completed } from "../host/questions";
import type { AnswerParams } from "../protocol_gen";
import type { ChatCommand, ChatCommands } from "./messages";

type Actions = { [Name in ChatCommand]: (args: ChatCommands[Name]) => unknown };

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
    insertAtCursor: ({ text }) => insert(parts, text),
    previewCode: ({ path, text }) => preview(parts, path, text),
    openDiff: ({ sessionId, changeId, path }) => openChange(parts, sessionId, changeId, path),
    openFile: ({ path, line }) => openFile(path, line),
    openLink: ({ href }) => followLink(href),
    openOutput: ({ title, text, language }) => openText(parts, title, text, { language }),
    showQuestion: (params) => parts.server.ask("postil.server.session.show", params),
    review: () => run("postil.reviewChanges"),
    goToQuestion: ({ questionId }) => {
      const elsewhere = parts.conversation.elsewhere[0]?.item.question.id;
      return run("postil.goToQuestion", questionId ?? elsewhere);
    },
    keep: (args) => settle(parts, "keep", args),
    undo: (args) =>
      args.hunk === undefined
        ? parts.server.ask("postil.server.session.undo", {
            sessionId: args.sessionId,
            changeId: args.changeId,
          })
        : settle(parts, "undo", args),
    keepAll: () => parts.review.keep(),
    undoAll: () => run("postil.undoAll"),
    install: (asked) => {
      parts.launcher.agree(asked);
    },
    cancelInstall: () => {
      parts.launcher.cancel();
    },
    setKey: () => parts.key.set(),
    useLocalServer: () => useLocalServer(),
    chooseInterpreter: () => run("workbench.action.openSettings", "postil.python.interpreter"),
    howToInstallPython: () => vscode.env.openExternal(vscode.Uri.parse("https://www.python.org/downloads/")),
    openFolder: () => run("workbench.action.files.openFolder"),
    manageTrust: () => run("workbench.trust.manage"),
    pickSession: () => pickSession(parts),
    pickModel: () => pickModel(parts),
    pickMode: () => pickMode(parts),
    pickContext: () => pickContext(parts),
    attachUris: ({ uris }) => attachUris(parts, uris),
    changeLimits: () => run("workbench.action.openSettings", "postil.limits"),
    takeOver: async ({ sessionId }) => {
      await parts.server.ask("postil/session/takeOver", { sessionId });
      await parts.conversation.open(sessionId);
    },
    openSession: ({ sessionId }) => parts.conversation.open(sessionId),
    restartServer: () => run("postil.restartServer"),
    showLog: () => run("postil.showLog"),
    giveFocusBack: () => run("workbench.action.focusActiveEditorGroup"),
    confirmAlways: (params) => answer(params),
  };
}

/** Keeps or undoes, and tells the chat whether the hunk is settled: until then it offers to do it. */
async function settle(parts: Parts, what: "keep" | "undo", args: ChatCommands["keep"]): Promise<void> {
  const { path, hunk } = args;
  if (hunk === undefined) {
    await (what === "keep" ? parts.review.keep(path) : parts.review.undo(path));
    return;
  }
  let done = false;
  try {
    done = await settleHunk(parts, what, args.changeId, path, hunk);
  } finally {
    parts.chat.post({ type: "settled", ...args, hunk, done });
  }
}

async function settleHunk(
  parts: Parts,
  what: "keep" | "undo",
  changeId: string,
  path: string,
  line: number,
): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const reviewed = await parts.review.hunks(document);
  const hunk = reviewed && (await parts.review.hunkOf(reviewed, changeId, line));
  if (reviewed === undefined || hunk === undefined) {
    void vscode.window.showInformationMessage(
      "Other changes are in this place, too, or it has changed since. Keep or undo them in the file.",
    );
    return false;
  }
  if (what === "keep") {
    await parts.review.keepHunk(document, reviewed, hunk);
    return true;
  }
  return parts.review.undoHunk(document, reviewed, hunk);
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
