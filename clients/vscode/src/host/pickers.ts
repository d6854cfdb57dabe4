/** Sessions, modes and models, each in a QuickPick: its search is enough. */

import * as vscode from "vscode";
import { plain } from "../client/plain";
import { sentence } from "../client/requests";
import type { SessionRow } from "../protocol_gen";
import type { Parts } from "./parts";
import { countOfTurns, inWords, labelOf, wordOnTitle } from "./titles";

interface SessionItem extends vscode.QuickPickItem {
  readonly row: SessionRow;
}

const RENAME: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("edit"),
  tooltip: "Rename this session",
};
const DELETE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("trash"),
  tooltip: "Delete this session",
};
const SEARCH = "Search, and Enter to open";
const STATES: Partial<Record<SessionRow["status"], string>> = {
  interrupted: "interrupted",
  question: "waits for an answer",
  stopped: "stopped",
  damaged: "damaged, read only",
  newer: "of a later version, read only",
};

/** Lets a person choose a session, rename or delete one. */
export function pickSession(parts: Parts): Promise<void> {
  const pick = vscode.window.createQuickPick<SessionItem>();
  pick.title = "Sessions";
  pick.placeholder = SEARCH;
  pick.matchOnDescription = true;
  const fill = async (): Promise<void> => {
    pick.busy = true;
    try {
      pick.items = (await parts.conversation.list()).filter((it) => it.turns !== 0 || it.open).map(item);
      pick.placeholder = pick.items.length === 0 ? "There is no session here yet" : SEARCH;
    } catch (error) {
      pick.items = [];
      pick.placeholder = sentence(error);
    }
    pick.busy = false;
  };
  return new Promise((resolve) => {
    // While another input is shown this one hides, and is not done for all that.
    let aside = false;
    pick.onDidTriggerItemButton(async ({ item: { row }, button }) => {
      aside = true;
      await (button === RENAME ? rename(parts, row) : remove(parts, row));
      await fill();
      aside = false;
      if (pick.items.some((it) => it.row.sessionId === row.sessionId && it.row.title !== row.title)) {
        pick.value = ""; // What was searched need not be in the new name, and the session would be gone.
      }
      pick.show();
      pick.activeItems = pick.items.filter((it) => it.row.sessionId === row.sessionId);
    });
    pick.onDidAccept(() => {
      const row = pick.activeItems[0]?.row;
      pick.hide();
      if (row !== undefined) {
        goTo(parts, row).catch(complain);
      }
    });
    pick.onDidHide(() => {
      if (!aside) {
        pick.dispose();
        resolve();
      }
    });
    pick.ignoreFocusOut = true;
    pick.show();
    void fill();
  });
}

/** Opens a session where it can be seen: the chat may be hidden. */
async function goTo(parts: Parts, row: SessionRow): Promise<void> {
  await parts.conversation.open(row.sessionId);
  await vscode.commands.executeCommand("postil.focusChat");
}

function item(row: SessionRow): SessionItem {
  const when = new Date(row.updatedAt * 1000).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  const state = row.questions > 0 ? STATES.question : row.busy ? "at work" : STATES[row.status];
  return {
    label: labelOf(row),
    description: [when, countOfTurns(row.turns), state].filter((it) => it !== undefined).join(" · "),
    buttons: [RENAME, DELETE],
    row,
  };
}

/** Lets a person name a session; one that is not open is renamed all the same. */
export async function rename(parts: Parts, session: Pick<SessionRow, "sessionId" | "title">): Promise<void> {
  const title = await vscode.window.showInputBox({
    title: "Rename Session",
    prompt: "What it is called in lists. Its first prompt stays as it is.",
    value: session.title,
    validateInput: wordOnTitle,
  });
  if (title === undefined || title.trim() === session.title) {
    return;
  }
  try {
    await parts.server.ask("postil/session/rename", { sessionId: session.sessionId, title });
  } catch (error) {
    complain(error);
  }
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
    await parts.review.forget(row.sessionId);
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
  const chosen = await vscode.window.showQuickPick(items.map(inWords), {
    title: "Select Mode",
    matchOnDetail: true,
  });
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
  const chosen = await vscode.window.showQuickPick([...items.map(inWords), other], { title: "Select Model" });
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
  void vscode.window.showErrorMessage(plain(`Postil: ${sentence(error)}`));
}
