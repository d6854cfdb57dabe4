/** The whole view in a page without sizes: shown from scripts, asked by its words and roles. */
import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { readFromView, type Settings, type Status, type ToView } from "../../src/chat/messages";
import type { Chat } from "../../webview/chat";
import type { Script } from "../../webview/gallery/script";

class Watcher {
  observe(): void {
    // Nothing has a size here, and nothing moves.
  }
  disconnect(): void {
    // It watched nothing.
  }
}

/** Here nothing has a place: an element comes near when it is scrolled to. */
class Nearness {
  static readonly all = new Map<Element, Nearness>();

  constructor(private readonly told: IntersectionObserverCallback) {}

  observe(element: Element): void {
    Nearness.all.set(element, this);
  }

  disconnect(): void {
    for (const [element, it] of Nearness.all) if (it === this) Nearness.all.delete(element);
  }

  static scrolledTo(element: Element): void {
    const it = Nearness.all.get(element);
    const entry = { isIntersecting: true, boundingClientRect: element.getBoundingClientRect() };
    it?.told([entry as IntersectionObserverEntry], it as unknown as IntersectionObserver);
  }
}

export interface Asked {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

export interface Page {
  readonly chat: Chat;
  readonly box: HTMLElement;
  /** What the view has asked of the server, in order. */
  readonly asked: Asked[];
  /** What it has had the editor do, in order. */
  readonly done: [command: string, args: Record<string, unknown>][];
  open(script: Script, more?: { readOnly?: boolean; suspended?: boolean }): Promise<void>;
  answer(result: unknown): Promise<void>;
  /** All that is waited for has been painted. */
  painted(): Promise<void>;
  close(): void;
}

export const STATUS: Status = {
  server: "ready",
  message: "",
  python: { state: "found", version: "3.12", path: "", why: "" },
  install: null,
  sandbox: { state: "none", name: "", why: "" },
  key: "set",
  trust: "trusted",
  folder: true,
  owner: null,
};
export const SETTINGS: Settings = {
  sendOn: "enter",
  whileBusy: "queue",
  foldThinking: true,
  foldReads: true,
  announce: "all",
  confirmRewind: false,
  warnAt: 0.8,
  models: [],
  modes: [],
};

/** Return the first message that a view gets, where no session is in view. */
export function beginning(settings: Partial<Settings> = {}): ToView {
  return {
    type: "init",
    version: "0",
    mac: false,
    sessionId: null,
    status: STATUS,
    settings: { ...SETTINGS, ...settings },
  };
}

let ready = false;

/** Give node, once, what a page has and node has not, so that the whole view runs here. */
export function furnish(): void {
  if (ready) return;
  ready = true;
  const { window } = new JSDOM("<!doctype html><body></body>", {
    pretendToBeVisual: true,
    url: "http://localhost/", // without an origin there is no storage
    runScripts: "outside-only",
  });
  for (const name of Object.getOwnPropertyNames(window)) {
    if (name in globalThis || /^\d/.test(name)) continue;
    Object.defineProperty(globalThis, name, {
      configurable: true,
      writable: true,
      value: (window as never)[name],
    });
  }
  window.Element.prototype.scrollIntoView = function (this: Element) {
    Nearness.scrolledTo(this);
  };
  window.document.hasFocus = () => true; // nobody leaves it
  Object.assign(window.ElementInternals.prototype, { setFormValue: () => undefined });
  window.Range.prototype.getBoundingClientRect = () => document.body.getBoundingClientRect();
  Object.assign(window, { IntersectionObserver: Nearness, ResizeObserver: Watcher });
  Object.assign(globalThis, {
    window,
    IntersectionObserver: Nearness,
    ResizeObserver: Watcher,
    requestAnimationFrame: (paint: FrameRequestCallback) => setTimeout(() => paint(0), 0),
    cancelAnimationFrame: clearTimeout,
  });
}

/** Return a view of a session that is not open yet. */
export async function page(sessionId: string): Promise<Page> {
  furnish();
  const { h, render } = await import("preact");
  const { Chat } = await import("../../webview/chat");
  const { nothingKept } = await import("../../webview/kept");
  const { App } = await import("../../webview/view/app");
  const asked: Asked[] = [];
  const done: Page["done"] = [];
  const chat = new Chat({
    postMessage: (message) => {
      const read = readFromView(message);
      assert.ok(read.ok, read.ok ? "" : read.why);
      if (read.message.type === "request") asked.push(read.message);
      if (read.message.type === "command") done.push([read.message.command, read.message.args]);
    },
    getState: () => ({ ...nothingKept(), sessionId }),
    setState: () => undefined,
  });
  const box = document.createElement("div");
  document.body.replaceChildren(box);
  chat.host.receive(beginning());
  // What is told before the view listens would be painted by nobody.
  const listens = new Promise<void>((resolve) => {
    const subscribe = chat.subscribe.bind(chat);
    chat.subscribe = (listener) => {
      resolve();
      return subscribe(listener);
    };
  });
  render(h(App, { chat }), box);
  await listens;
  const painted = async (): Promise<void> => {
    const told = new Promise<void>((resolve) => {
      const forget = chat.subscribe(() => {
        forget();
        resolve();
      });
    });
    chat.changed();
    await told;
    // The frame itself, and what is done after it.
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return {
    chat,
    box,
    asked,
    done,
    painted,
    open: async (script, more = {}) => {
      chat.host.receive({
        type: "sessionOpened",
        sessionId: script.id,
        seq: script.updates.length,
        events: script.updates,
        suspended: more.suspended ?? false,
        readOnly: more.readOnly ?? false,
        note: "",
      });
      await painted();
    },
    answer: async (result) => {
      const last = asked.at(-1);
      assert.ok(last);
      chat.host.receive({ type: "response", id: last.id, result });
      await painted();
    },
    close: () => render(null, box),
  };
}
