/** The words of the status bar; nothing here knows VS Code. */

import type { Phase } from "../client/server";
import type { Session } from "../session/model";

export interface Known {
  readonly session: Session;
  readonly busy: boolean;
  readonly phase: Phase;
  readonly message: string;
  readonly restricted: boolean;
}

export interface Said {
  readonly text: string;
  /** The same without icons. */
  readonly label: string;
  readonly tooltip: string;
}

/** Returns what the status bar says: what waits for the person comes first. */
export function standing(known: Known): Said {
  const [icon, words] = shown(known);
  const said = words === "" ? "Postil" : `Postil: ${words}`;
  return { text: `$(${icon}) ${said}`, label: said, tooltip: tooltip(known) };
}

function shown({ session, busy, phase, restricted }: Known): [string, string] {
  const questions = session.questions.size;
  if (phase === "failed") {
    return ["error", "not running"];
  }
  if (phase === "starting" || phase === "restarting") {
    return ["sync~spin", phase];
  }
  if ([...session.questions.values()].some((it) => it.question.kind === "halt")) {
    return ["debug-pause", "halted"];
  }
  if (questions > 0) {
    return ["question", questions === 1 ? "1 question" : `${questions} questions`];
  }
  if (session.retry !== null) {
    return ["debug-disconnect", "offline"];
  }
  if (busy) {
    return ["sync~spin", doing(session)];
  }
  return restricted ? ["shield", "restricted"] : ["comment", ""];
}

/** Returns what the agent does now. A command's text is a model's words: it is shortened, and icons in it stay text. */
export function doing(session: Session): string {
  const live = session.live;
  const words: Record<string, string> = {
    thinking: "Thinking",
    writing: "Writing",
    waiting: "Waiting",
    saving: "Saving",
    compacting: "Compacting",
  };
  if (live?.stage === "running") {
    const what = live.detail.replace(/\s+/g, " ").replaceAll("$(", "$ (").trim();
    return what === "" ? "Running" : `Running ${what.length > 40 ? `${what.slice(0, 39)}…` : what}`;
  }
  return words[live?.stage ?? ""] ?? "Working";
}

function tooltip({ session, message }: Known): string {
  const lines = [message];
  if (session.id !== "") {
    lines.push(session.title === "" ? "New session" : session.title);
    const step = session.live?.step ?? 0;
    if (step > 0) {
      lines.push(`Step ${step}`);
    }
    const limit = session.lastCall?.balances.find((it) => it.scope === "session")?.most.cost ?? null;
    if (session.cost !== null) {
      lines.push(`$${session.cost.toFixed(2)}${limit === null ? "" : ` of $${limit.toFixed(2)}`}`);
    }
  }
  return lines.filter((it) => it !== "").join("\n");
}
