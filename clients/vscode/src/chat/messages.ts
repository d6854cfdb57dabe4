/**
 * What the extension host and the chat's webview say to each other: typed, and checked on both sides.
 *
 * Neither believes the other: what does not fit is dropped, with a word why for the log. A webview can ask for nothing
 * but the methods and commands that are listed here.
 */
import type { Commands, PromptContext, Requests, Update } from "../protocol_gen";
import type { Stamped } from "../session/model";
import { type Check, array, bool, fields, maybe, number, oneOf, optional, record, text } from "./checks";

type Methods = Requests & Commands;
export type Method = keyof Methods;
export type ParamsOf<M extends Method> = Methods[M]["params"];
export type ResultOf<M extends Method> = Methods[M]["result"];

/** What the webview may ask of the server. */
export const METHODS = [
  "postil/session/new",
  "postil/session/list",
  "postil/session/attach",
  "postil/session/prompt",
  "postil/session/takeBack",
  "postil/session/sendWaiting",
  "postil/session/answer",
  "postil/session/cancel",
  "postil/session/resume",
  "postil/session/check",
  "postil/session/retry",
  "postil/session/rewind",
  "postil/mentions",
  "postil/slashCommands",
  "postil.server.session.preview",
  "postil.server.session.undo",
  "postil.server.session.mode",
  "postil.server.session.compact",
  "postil.server.session.kept",
] as const satisfies readonly Method[];
export type AllowedMethod = (typeof METHODS)[number];

/** What the webview may have the extension host do, with its arguments. */
export interface ChatCommands {
  copy: { text: string };
  insertAtCursor: { text: string };
  /** The diff of what inserting a code block would do; `path` is what its fence names, if anything. */
  previewCode: { path: string; text: string };
  /** The native diff of a change. */
  openDiff: { sessionId?: string; changeId?: string; path: string };
  openFile: { path: string; line?: number };
  /** A link of the model's prose: to a file of the workspace, or to the web after VS Code's own question. */
  openLink: { href: string };
  /** The whole output of a call, in a document; with `language` where it is not plain text. */
  openOutput: { title: string; text: string; language?: "diff" };
  /** Where a question is about a place in a file. */
  showQuestion: { sessionId: string; questionId: string };
  review: { sessionId: string };
  /** `hunk` is the line, from 1, at which it begins in what the agent wrote. */
  keep: { sessionId: string; changeId: string; path: string; hunk?: number };
  undo: { sessionId: string; changeId: string; path: string; hunk?: number };
  keepAll: { sessionId: string };
  undoAll: { sessionId: string };
  /** The consent to an installation with the Python that was shown. */
  install: { version: string; path: string };
  cancelInstall: Record<string, never>;
  setKey: Record<string, never>;
  useLocalServer: Record<string, never>;
  chooseInterpreter: Record<string, never>;
  howToInstallPython: Record<string, never>;
  openFolder: Record<string, never>;
  manageTrust: Record<string, never>;
  pickSession: Record<string, never>;
  pickModel: { sessionId?: string };
  pickMode: { sessionId?: string };
  /** Choose files to attach; they come back as `attach`. */
  pickContext: Record<string, never>;
  /** Attach what was dropped here. */
  attachUris: { uris: string[] };
  changeLimits: Record<string, never>;
  takeOver: { sessionId: string };
  /** Bring a session into view. */
  openSession: { sessionId: string };
  restartServer: Record<string, never>;
  showLog: Record<string, never>;
  /** Bring a question into view, with its session. */
  goToQuestion: { questionId?: string };
  /** Give the focus back to the editor, where it came from there. */
  giveFocusBack: Record<string, never>;
  /** A rule that would last is confirmed in a QuickPick: resolved there by `answer`. */
  confirmAlways: { sessionId: string; questionId: string; optionId: string };
}
export type ChatCommand = keyof ChatCommands;

/** How the server and what it needs stand. */
export interface Status {
  server: "starting" | "ready" | "failed" | "stopped" | "restarting";
  /** A sentence to show where the server is not there: what happened, what is kept, what to do. */
  message: string;
  /** `why` says what is wrong with it. */
  python: { state: "found" | "missing" | "old" | "unknown"; version: string; path: string; why: string };
  /** Of the server: whether its installation waits for the person's consent, or is under way, and with which Python. */
  install: { state: "waits" | "runs"; version: string; path: string } | null;
  /** `why` says why there is none. */
  sandbox: { state: "ready" | "none" | "unknown"; name: string; why: string };
  key: "set" | "missing" | "rejected" | "not_needed" | "unknown";
  /** How many questions are open in sessions that are out of view. */
  elsewhere?: number;
  /** Changes that are open in sessions out of view: in how many files and sessions, and the one of these seen last. */
  unreviewed?: { sessionId: string; files: number; sessions: number } | null;
  trust: "trusted" | "restricted";
  /** Whether a folder is open: without one there is nothing to work on. */
  folder: boolean;
  /** Where another process has the session: since when and which, in words, and whether it can be had. */
  owner: { since: string; gone: boolean } | null;
}

export interface Settings {
  sendOn: "enter" | "ctrlEnter";
  whileBusy: "queue" | "steer";
  foldThinking: boolean;
  foldReads: boolean;
  announce: "questions+ends" | "all" | "off";
  confirmRewind: boolean;
  warnAt: number;
  models: { id: string; title: string }[];
  modes: { id: string; title: string }[];
}

/** A session as it stands, its events from the first on. */
export interface Opened {
  type: "sessionOpened";
  sessionId: string;
  seq: number;
  events: Stamped[];
  suspended: boolean;
  readOnly: boolean;
  note: string;
}

/** The changes that nobody has kept or undone yet. */
export interface Reviewed {
  type: "review";
  sessionId: string;
  open: { changeId: string; path: string }[];
  /** By how many lines each of these files differs from what it is compared with; null where that is not known yet. */
  counts: { path: string; net: { added: number; removed: number } | null }[];
}

/** A hunk of a change, by the line from 1 at which it begins in what the agent wrote. */
export interface HunkOfChange {
  sessionId: string;
  changeId: string;
  path: string;
  hunk: number;
}

/** What came of keeping or undoing a hunk: whether it is done. */
export interface Settled extends HunkOfChange {
  type: "settled";
  done: boolean;
}

export interface Attached {
  label: string;
  context: PromptContext;
}

export type ToView =
  | {
      type: "init";
      version: string;
      mac: boolean;
      sessionId: string | null;
      status: Status;
      settings: Settings;
    }
  | { type: "updates"; sessionId: string; updates: Stamped[] }
  | Opened
  | { type: "status"; status: Status }
  | { type: "settings"; settings: Settings }
  | Reviewed
  | Settled
  | { type: "response"; id: number; result?: unknown; error?: string }
  | { type: "attach"; items: Attached[] }
  | { type: "draft"; text: string }
  /** What could not be done, said where what went wrong is said. */
  | { type: "notice"; text: string }
  /** With `questionId`, to the card of that question and to no other; `fromEditor` where the chat does not have the focus now. */
  | {
      type: "focus";
      target: "composer" | "question" | "previousTurn" | "nextTurn" | "find";
      questionId?: string;
      fromEditor?: boolean;
    };

export type FromView =
  | { type: "ready" }
  | { type: "request"; id: number; method: AllowedMethod; params: Record<string, unknown> }
  | { type: "command"; command: ChatCommand; args: Record<string, unknown> }
  /** What has the focus, for the keys that depend on it. */
  | { type: "focused"; where: "card" | "composer" | "log" | "none" }
  | { type: "fault"; message: string };

const context: Check = fields({
  kind: text(40),
  path: text(4_096),
  text: text(4_000_000),
  first_line: number,
  last_line: number,
  name: text(4_096),
  note: text(4_096),
  sources: array(record, 100),
});

const status: Check = fields({
  server: oneOf("starting", "ready", "failed", "stopped", "restarting"),
  message: text(),
  python: fields({
    state: oneOf("found", "missing", "old", "unknown"),
    version: text(),
    path: text(),
    why: text(),
  }),
  install: maybe(fields({ state: oneOf("waits", "runs"), version: text(), path: text() })),
  sandbox: fields({ state: oneOf("ready", "none", "unknown"), name: text(), why: text() }),
  key: oneOf("set", "missing", "rejected", "not_needed", "unknown"),
  elsewhere: optional(number),
  unreviewed: optional(maybe(fields({ sessionId: text(200), files: number, sessions: number }))),
  trust: oneOf("trusted", "restricted"),
  folder: bool,
  owner: maybe(fields({ since: text(), gone: bool })),
});

const named = array(fields({ id: text(), title: text() }), 200);
const settings: Check = fields({
  sendOn: oneOf("enter", "ctrlEnter"),
  whileBusy: oneOf("queue", "steer"),
  foldThinking: bool,
  foldReads: bool,
  announce: oneOf("questions+ends", "all", "off"),
  confirmRewind: bool,
  warnAt: number,
  models: named,
  modes: named,
});

const update: Check = fields({
  sessionId: text(200),
  seq: maybe(number),
  after: number,
  event: fields({ type: text(80) }),
  at: optional(maybe(number)),
});

const toView: Record<ToView["type"], Check> = {
  init: fields({ version: text(), mac: bool, sessionId: maybe(text(200)), status, settings }),
  updates: fields({ sessionId: text(200), updates: array(update, 1_000_000) }),
  sessionOpened: fields({
    sessionId: text(200),
    seq: number,
    events: array(update, 5_000_000),
    suspended: bool,
    readOnly: bool,
    note: text(),
  }),
  status: fields({ status }),
  settings: fields({ settings }),
  review: fields({
    sessionId: text(200),
    open: array(fields({ changeId: text(), path: text() }), 100_000),
    counts: array(fields({ path: text(), net: maybe(fields({ added: number, removed: number })) }), 100_000),
  }),
  settled: fields({ sessionId: text(200), changeId: text(), path: text(), hunk: number, done: bool }),
  response: fields({ id: number, error: optional(text()) }),
  attach: fields({ items: array(fields({ label: text(), context }), 200) }),
  draft: fields({ text: text(1_000_000) }),
  notice: fields({ text: text(4_096) }),
  focus: fields({
    target: oneOf("composer", "question", "previousTurn", "nextTurn", "find"),
    questionId: optional(text(400)),
    fromEditor: optional(bool),
  }),
};

const session = text(200);
const id = text(400);
const none = fields({});
const ofSession = fields({ sessionId: session });
const ofChange = fields({ sessionId: session, changeId: id, path: text(4_096), hunk: optional(number) });
const ofOption = fields({ sessionId: session, questionId: id, optionId: id });
const anySession = fields({ sessionId: optional(session) });

const commands: Record<ChatCommand, Check> = {
  copy: fields({ text: text(4_000_000) }),
  insertAtCursor: fields({ text: text(4_000_000) }),
  previewCode: fields({ path: text(4_096), text: text(4_000_000) }),
  openDiff: fields({
    sessionId: optional(session),
    changeId: optional(id),
    path: text(4_096),
  }),
  openFile: fields({ path: text(4_096), line: optional(number) }),
  openLink: fields({ href: text(4_096) }),
  openOutput: fields({
    title: text(4_096),
    text: text(8_000_000),
    language: optional(oneOf("diff")),
  }),
  showQuestion: fields({ sessionId: session, questionId: id }),
  review: ofSession,
  keep: ofChange,
  undo: ofChange,
  keepAll: ofSession,
  undoAll: ofSession,
  install: fields({ version: text(200), path: text(4_096) }),
  cancelInstall: none,
  setKey: none,
  useLocalServer: none,
  chooseInterpreter: none,
  howToInstallPython: none,
  openFolder: none,
  manageTrust: none,
  pickSession: none,
  pickModel: anySession,
  pickMode: anySession,
  pickContext: none,
  attachUris: fields({ uris: array(text(4_096), 200) }),
  changeLimits: none,
  takeOver: ofSession,
  openSession: ofSession,
  restartServer: none,
  showLog: none,
  goToQuestion: fields({ questionId: optional(id) }),
  giveFocusBack: none,
  confirmAlways: ofOption,
};

const fromView: Record<FromView["type"], Check> = {
  ready: none,
  request: fields({ id: number, method: oneOf(...METHODS), params: record }),
  command: fields({ command: oneOf(...(Object.keys(commands) as ChatCommand[])), args: record }),
  focused: fields({ where: oneOf("card", "composer", "log", "none") }),
  fault: fields({ message: text(8_000) }),
};

/** Whether a value is a message of these; else a sentence that says why it is none. */
export type Read<T> = { ok: true; message: T } | { ok: false; why: string };

/** Read what came from the extension host. */
export function readToView(value: unknown): Read<ToView> {
  return read<ToView>(value, toView);
}

/** Read what came from the webview; of a command, its arguments as well. */
export function readFromView(value: unknown): Read<FromView> {
  const read_ = read<FromView>(value, fromView);
  if (!read_.ok || read_.message.type !== "command") return read_;
  const why = commands[read_.message.command](read_.message.args);
  return why === "" ? read_ : { ok: false, why: `${read_.message.command}: ${why}` };
}

/** Whether a publication is about a session; what an event holds is the fold's to know. */
export function isUpdate(value: unknown): value is Update {
  return update(value) === "";
}

function read<T>(value: unknown, kinds: Record<string, Check>): Read<T> {
  const why = fields({ type: text(80) })(value);
  if (why !== "") return { ok: false, why };
  const { type } = value as { type: string };
  const check = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (check === undefined)
    return { ok: false, why: `no message has the type ${JSON.stringify(type.slice(0, 40))}` };
  const fault = check(value);
  return fault === "" ? { ok: true, message: value as T } : { ok: false, why: `${type}: ${fault}` };
}
