/** The words of the status bar; nothing here knows VS Code. */

import type { Phase } from "../client/server";
import type { Status } from "../chat/messages";
import type { Owner } from "../protocol_gen";
import type { QuestionItem, Session } from "../session/model";
import type { Wait } from "../session/waits";
import { whyOf } from "../session/waits";

export interface Known {
  readonly session: Session;
  /** Those that can be answered here, whoever asks: the session, its sub-agents, and sessions that are out of view. */
  readonly questions: readonly QuestionItem[];
  readonly busy: boolean;
  /** Who waits for the next try of the model. */
  readonly waits: readonly Wait[];
  readonly phase: Phase;
  readonly message: string;
  readonly install: Status["install"];
  readonly restricted: boolean;
  readonly sandbox: Status["sandbox"];
  readonly owner: Status["owner"];
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

function shown({
  session,
  questions: open,
  busy,
  waits,
  phase,
  install,
  restricted,
}: Known): [string, string] {
  const questions = open.length;
  if (phase === "failed") {
    return ["error", "not running"];
  }
  if (phase !== "ready" && install !== null) {
    return install.state === "waits" ? ["question", "not installed yet"] : ["sync~spin", "installing"];
  }
  if (phase === "starting" || phase === "restarting") {
    return ["sync~spin", phase];
  }
  if (open.some((it) => it.question.kind === "halt")) {
    return ["debug-pause", "halted"];
  }
  if (questions > 0) {
    return ["question", questions === 1 ? "1 question" : `${questions} questions`];
  }
  if (waits.length > 0) {
    const offline = waits.some((it) => it.retry.kind === "connection");
    const why = whyOf(waits, (text) => withoutIcons(text.charAt(0).toLowerCase() + text.slice(1)));
    return [offline ? "debug-disconnect" : "watch", why];
  }
  if (busy) {
    return ["sync~spin", doing(session)];
  }
  return restricted ? ["shield", "restricted"] : ["comment", ""];
}

/** Returns who has a session that can only be read here, in words: nobody, where it can be had. */
export function ownerOf(owner: Owner | null, now = new Date()): NonNullable<Status["owner"]> {
  if (owner === null || owner.here) {
    return { since: "", gone: true };
  }
  const at = owner.since === null ? undefined : new Date(owner.since * 1_000);
  const day = at?.toDateString() === now.toDateString() ? "" : `${at?.toLocaleDateString()} `;
  const since = at === undefined ? "" : ` since ${day}${at.toTimeString().slice(0, 5)}`;
  const where = owner.host === "" ? "" : ` on ${owner.host}`;
  return { since: `process ${owner.pid}${where}${since}`, gone: false };
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
    const what = withoutIcons(live.detail.replace(/\s+/g, " ")).trim();
    return what === "" ? "Running" : `Running ${what.length > 40 ? `${what.slice(0, 39)}…` : what}`;
  }
  return words[live?.stage ?? ""] ?? "Working";
}

/** Returns a text whose icons stay text. */
export function withoutIcons(text: string): string {
  return text.replaceAll("$(", "$ (");
}

function tooltip({ session, message, sandbox, owner }: Known): string {
  const lines = [message];
  if (owner !== null) {
    lines.push(owner.gone ? "No other window has it any more" : `Open in another window: ${owner.since}`);
  }
  if (sandbox.state !== "unknown") {
    lines.push(sandbox.state === "ready" ? `Sandbox: ${sandbox.name}` : `No sandbox: ${sandbox.why}`);
  }
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
