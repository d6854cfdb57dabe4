/** Sessions, modes and models, each in a QuickPick: its search is enough. */

import * as vscode from "vscode";
import { sentence } from "../client/requests";
import type { SessionRow } from "../protocol_gen";
import type { Parts } from "./parts";

interface SessionItem extends vscode.QuickPickItem {
  readonly row: SessionRow;
}

const DELETE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("trash"),
  tooltip: "Delete this session",
};
const STATES: Partial<Record<SessionRow["status"], string>> = {
  interrupted: "interrupted",
  question: "waits for an answer",
  stopped: "stopped",
  damaged: "damaged, read only",
  newer: "of a later version, read only",
};

/** Lets a person choose a session, or delete one. */
export function pickSession(parts: Parts): Promise<void> {
  const pick = vscode.window.createQuickPick<SessionItem>();
  pick.title = "Sessions";
  pick.placeholder = "Search, and Enter to open";
  pick.matchOnDescription = true;
  const fill = async (): Promise<void> => {
    pick.busy = true;
    try {
      pick.items = (await parts.conversation.list()).filter((it) => it.turns > 0 || it.open).map(item);
    } catch (error) {
      pick.items = [];
      pick.placeholder = sentence(error);
    }
    pick.busy = false;
  };
  return new Promise((resolve) => {
    pick.onDidTriggerItemButton(async ({ item: { row } }) => {
      await remove(parts, row);
      await fill();
      pick.show();
    });
    pick.onDidAccept(() => {
      const row = pick.activeItems[0]?.row;
      pick.hide();
      if (row !== undefined) {
        parts.conversation.open(row.sessionId).catch(complain);
      }
    });
    pick.onDidHide(() => resolve());
    pick.ignoreFocusOut = true;
    pick.show();
    void fill();
  });
}

function item(row: SessionRow): SessionItem {
  const when = new Date(row.updatedAt * 1000).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const turns = row.turns === 1 ? "1 turn" : `${row.turns} turns`;
  const state = row.busy ? "at work" : STATES[row.status];
  const icon = row.questions > 0 ? "question" : row.busy ? "sync~spin" : "comment-discussion";
  return {
    label: `$(${icon}) ${row.title === "" ? "New session" : row.title}`,
    description: [when, turns, state].filter((it) => it !== undefined).join(" · "),
    buttons: [DELETE],
    row,
  };
}

async function remove(parts: Parts, row: SessionRow): Promise<void> {
  const title = row.title === "" ? "this session" : `“${row.title}”`;
  const detail =
    "Its conversation, checkpoints and memory go for good. Files stay as they are, and can no longer be rewound.";
  const answer = await vscode.window.showWarningMessage(
    `Delete ${title}?`,
    { modal: true, detail },
    "Delete",
  );
  if (answer !== "Delete") {
    return;
  }
  try {
    await parts.server.ask("postil/session/delete", { sessionId: row.sessionId });
    if (row.sessionId === parts.conversation.id) {
      parts.conversation.leave();
    }
  } catch (error) {
    complain(error);
  }
}

/** Lets a person choose the mode: of the session in view, else of those that begin. */
export async function pickMode(parts: Parts): Promise<void> {
  const { modes, default: usual } = await parts.server.ask("postil/modes", {});
  const sessionId = parts.conversation.id;
  const now = sessionId === undefined ? usual : parts.conversation.session.mode;
  const items = modes.map((it) => ({
    label: it.title,
    detail: it.description,
    name: it.name,
    ...(it.name === now ? { description: "in force" } : {}),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Select Mode", matchOnDetail: true });
  if (chosen === undefined) {
    return;
  }
  if (sessionId === undefined) {
    await vscode.workspace
      .getConfiguration("postil")
      .update("mode", chosen.name, vscode.ConfigurationTarget.Global);
  } else {
    await parts.server.ask("postil.server.session.mode", { sessionId, mode: chosen.name });
  }
}

/** Lets a person choose the model: it is a setting, and the session in view goes on with it from its next turn. */
export async function pickModel(parts: Parts): Promise<void> {
  const { models, default: usual } = await parts.server.ask("postil/models", {});
  const now = parts.conversation.session.model || usual;
  const other = { label: "Another…", name: "", description: "" };
  const items = models.map((it) => {
    const price =
      it.inputPrice === null
        ? "price not known"
        : `$${it.inputPrice} in, $${it.outputPrice ?? 0} out a million tokens`;
    return {
      label: it.name,
      name: it.name,
      description: it.name === now ? "in force" : "",
      detail: `${Math.round(it.window / 1000)}k tokens · ${price}`,
    };
  });
  const chosen = await vscode.window.showQuickPick([...items, other], { title: "Select Model" });
  const name =
    chosen === other
      ? await vscode.window.showInputBox({ title: "Model", value: now, prompt: "Its name at the service." })
      : chosen?.name;
  if (name !== undefined && name !== "" && name !== now) {
    await vscode.workspace
      .getConfiguration("postil")
      .update("model", name, vscode.ConfigurationTarget.Global);
  }
}

/** Shows what went wrong. */
export function complain(error: unknown): void {
  void vscode.window.showErrorMessage(`Postil: ${sentence(error)}`);
}
