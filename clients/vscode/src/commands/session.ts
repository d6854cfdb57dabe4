/** Commands about the session in view: its focus, its questions, its end, and going back. */

import * as vscode from "vscode";
import { VIEW } from "../chat/view";
import type { Parts } from "../host/parts";
import { pickMode, pickModel, pickSession, rename } from "../host/pickers";
import { answerQuestion, openQuestion } from "../host/questions";
import type { Command } from "./register";
import { inWords } from "../host/titles";

/** Returns them by name. */
export function sessionCommands(parts: Parts): Record<string, Command> {
  const { conversation, server, chat } = parts;
  return {
    "postil.openChat": () => focusChat(),
    "postil.focusChat": (inChat?: boolean) =>
      inChat === true
        ? vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup")
        : focusChat(parts),
    "postil.backToEditor": () => vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup"),
    "postil.goToQuestion": async (questionId?: unknown) => {
      const fromEditor = !chat.hasFocus;
      const asked = openQuestion(parts, typeof questionId === "string" ? questionId : undefined);
      if (asked !== undefined) {
        await conversation.showAsker(asked.sessionId);
      }
      await focusChat();
      const which = asked === undefined ? {} : { questionId: asked.item.question.id };
      chat.post({ type: "focus", target: "question", ...which, fromEditor });
    },
    "postil.answer": (questionId?: string) => answerQuestion(parts, undefined, questionId),
    "postil.allowOnce": () => answerQuestion(parts, ["allow_once"]),
    "postil.deny": () => answerQuestion(parts, ["reject_once", "reject_with_reason"]),
    "postil.stop": async () =>
      server.ask("postil/session/cancel", { sessionId: await conversation.inView() }),
    "postil.newSession": async () => {
      await conversation.begin();
      await focusChat(parts);
    },
    "postil.resumeSession": () => pickSession(parts),
    "postil.renameSession": async () =>
      rename(parts, { sessionId: await conversation.inView(), title: conversation.session.title }),
    "postil.resume": async () =>
      server.ask("postil/session/resume", { sessionId: await conversation.inView() }),
    "postil.tryNow": () =>
      Promise.all(
        conversation.waits.map(({ sessionId }) => server.ask("postil/session/retry", { sessionId })),
      ),
    "postil.selectMode": () => pickMode(parts),
    "postil.selectModel": () => pickModel(parts),
    "postil.raiseLimit": async () => raise(parts, await conversation.inView()),
    "postil.rewind": async () => rewind(parts, await conversation.inView()),
    "postil.compactNow": async () =>
      server.ask("postil.server.session.compact", { sessionId: await conversation.inView() }),
    "postil.showEvidence": async () =>
      server.ask("postil.server.session.transcript", { sessionId: await conversation.inView() }),
    "postil.showGrants": () => server.ask("postil.server.grants", { show: true }),
    "postil.showOverview": () =>
      server.ask("postil/overview", { show: true, sessionId: conversation.id ?? null }),
    "postil.findInChat": async () => {
      await focusChat();
      chat.post({ type: "focus", target: "find" });
    },
    "postil.previousTurn": () => chat.post({ type: "focus", target: "previousTurn" }),
    "postil.nextTurn": () => chat.post({ type: "focus", target: "nextTurn" }),
  };
}

/** Raises the limit that the session in view was halted by. */
async function raise({ conversation, server }: Parts, sessionId: string): Promise<void> {
  const halt = [...conversation.own.values()].find((it) => it.question.kind === "halt")?.question;
  const option = halt?.options.find((it) => it.id === "raise");
  if (halt !== undefined && option !== undefined) {
    await server.ask("postil/session/answer", { sessionId, questionId: halt.id, optionId: option.id });
  } else if (halt !== undefined) {
    throw new Error("This limit cannot be raised here. “Postil: Go to Question” shows what can be done.");
  }
}

/** Brings the chat to the front, and the focus into its composer. */
export async function focusChat(parts?: Parts): Promise<void> {
  await vscode.commands.executeCommand(`${VIEW}.focus`);
  parts?.chat.post({ type: "focus", target: "composer" });
}

/** Lets a person choose before which turn to go back; the server then asks, with what it would do in view. */
async function rewind(parts: Parts, sessionId: string): Promise<void> {
  const items = parts.conversation.session.entries
    .flatMap((it) =>
      it.kind === "turn" && it.routed
        ? [inWords({ label: it.prompt.text.split("\n")[0] ?? "", turnId: it.id })]
        : [],
    )
    .reverse();
  const chosen = await vscode.window.showQuickPick(items, { title: "Rewind to before…" });
  if (chosen !== undefined) {
    await parts.server.ask("postil.server.session.undo", { sessionId, turnId: chosen.turnId });
    await vscode.commands.executeCommand("postil.goToQuestion");
  }
}
