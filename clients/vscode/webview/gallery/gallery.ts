/** Development only: all states of the chat beside each other, each painted by the chat itself from events. */
import { h, render } from "preact";
import type { Settings, Status } from "../../src/chat/messages";
import { MODES } from "../../src/options_gen";
import { Chat } from "../chat";
import { nothingKept } from "../kept";
import "../styles/chat.css";
import { App } from "../view/app";
import "./gallery.css";
import { type State, states } from "./states";

const query = new URLSearchParams(location.search);
const theme = query.get("theme") ?? "dark";
document.documentElement.dataset["theme"] = theme;
document.body.className = theme === "hc" ? "vscode-high-contrast" : `vscode-${theme}`;
for (const [name, parameter] of [
  ["--w", "w"],
  ["--h", "h"],
] as const) {
  const value = query.get(parameter);
  if (value !== null) document.documentElement.style.setProperty(name, `${value}px`);
}
const size = query.get("fs");
if (size !== null) document.documentElement.style.setProperty("--vscode-font-size", `${size}px`);

const STATUS: Status = {
  server: "ready",
  message: "",
  python: { state: "found", version: "3.12", path: "/usr/bin/python3", why: "" },
  install: null,
  sandbox: { state: "ready", name: "bubblewrap", why: "" },
  key: "set",
  trust: "trusted",
  folder: true,
  owner: null,
};
const SETTINGS: Settings = {
  sendOn: "enter",
  whileBusy: "queue",
  foldThinking: true,
  foldReads: true,
  announce: "questions+ends",
  confirmRewind: true,
  warnAt: 0.8,
  models: [{ id: "sonnet", title: "Sonnet" }],
  modes: [...MODES],
};

const chats: Record<string, Chat> = {};
Object.assign(window, { chats });

function show(state: State, sheet: HTMLElement): void {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = state.title;
  const frame = document.createElement("div");
  frame.className = "frame";
  figure.append(caption, frame);
  sheet.append(figure);
  const sent: unknown[] = [];
  const id = state.script?.id ?? null;
  const kept = { ...nothingKept(), sessionId: id, ...state.kept };
  const chat = new Chat({
    postMessage: (message) => sent.push(message),
    getState: () => kept,
    setState: () => undefined,
  });
  chats[state.name] = chat;
  chat.host.receive({
    type: "init",
    version: "0.1.0",
    mac: false,
    sessionId: null,
    status: { ...STATUS, ...state.status },
    settings: SETTINGS,
  });
  for (const script of [...(state.children ?? []), ...(state.script === undefined ? [] : [state.script])]) {
    const suspended = script === state.script && state.suspended === true;
    const readOnly = script === state.script && state.readOnly === true;
    const seq = script.updates.length;
    chat.host.receive({
      type: "sessionOpened",
      sessionId: script.id,
      seq,
      events: script.updates,
      suspended,
      readOnly,
      note: "",
    });
  }
  if (id !== null && state.kept !== undefined) chat.kept = { ...chat.kept, ...state.kept };
  render(h(App, { chat }), frame);
  setTimeout(() => arrange(state, frame), 150);
}

function arrange(state: State, frame: HTMLElement): void {
  for (const word of state.opens ?? []) {
    const rows = [...frame.querySelectorAll<HTMLElement>("button.row[aria-expanded=false]")];
    rows.find((it) => it.textContent.includes(word))?.click();
  }
  if (state.meter === true) frame.querySelector<HTMLElement>(".meter")?.click();
  if (state.focus === true) frame.querySelector<HTMLElement>("textarea")?.focus({ preventScroll: true });
  if (state.find !== undefined) look(state.find, frame);
  const log = frame.querySelector(".talk");
  if (state.scrollTo !== undefined && log !== null)
    setTimeout(() => (log.scrollTop = log.scrollHeight * (state.scrollTo ?? 0)), 100);
}

function look(words: string, frame: HTMLElement): void {
  const open = new KeyboardEvent("keydown", { key: "f", ctrlKey: true, bubbles: true });
  frame.querySelector(".talk")?.dispatchEvent(open);
  setTimeout(() => {
    const input = frame.querySelector<HTMLInputElement>(".find input");
    if (input === null) return;
    input.value = words;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, 50);
}

const sheet = document.createElement("div");
sheet.className = query.has("alone") ? "sheet alone" : "sheet";
document.body.append(sheet);
const wanted = query.get("state")?.split(",");
for (const state of states()) if (wanted === undefined || wanted.includes(state.name)) show(state, sheet);
// Whoever takes a picture of it wants all of it.
document.documentElement.dataset["height"] = String(Math.ceil(sheet.getBoundingClientRect().height));

if (query.has("axe")) {
  setTimeout(() => {
    void import("axe-core").then(async ({ default: axe }) => {
      const found = await axe.run(document.body, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      });
      const report = found.violations.map((it) => ({
        id: it.id,
        help: it.help,
        nodes: it.nodes.map((node) => ({ html: node.html.slice(0, 300), why: node.failureSummary })),
      }));
      const out = document.createElement("pre");
      out.id = "axe";
      out.textContent = JSON.stringify({ passes: found.passes.length, report }, null, 1);
      document.body.replaceChildren(out);
    });
  }, 800);
}
