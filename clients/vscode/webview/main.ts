/** Begins the chat in its webview. */
import { h, render } from "preact";
import { Chat } from "./chat";
import type { Api } from "./host";
import "./styles/chat.css";
import { App } from "./view/app";

declare function acquireVsCodeApi(): Api;

const chat = new Chat(acquireVsCodeApi());
window.addEventListener("message", (event: MessageEvent<unknown>) => chat.host.receive(event.data));
window.addEventListener("error", (event) => {
  // What an observer of sizes could not tell in one frame it tells in the next.
  if (event.message.startsWith("ResizeObserver loop")) return;
  chat.host.send({ type: "fault", message: event.message.slice(0, 2_000) });
});
window.addEventListener("pagehide", () => chat.flush());
const root = document.getElementById("root") ?? document.body;
render(h(App, { chat }), root);
chat.host.send({ type: "ready" });
