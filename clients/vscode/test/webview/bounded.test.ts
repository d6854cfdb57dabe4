/** Sessions that were looked at do not pile up in the view. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptySession } from "../../src/session/model";
import { Chat } from "../../webview/chat";
import { Script } from "../../webview/gallery/script";

// Nothing is painted here.
globalThis.requestAnimationFrame = () => 0;

function show(chat: Chat, id: string): void {
  const { updates } = new Script(id).prompt("Go.").ended();
  const seq = updates.length;
  chat.host.receive({
    type: "sessionOpened",
    sessionId: id,
    seq,
    events: updates,
    suspended: false,
    readOnly: false,
    note: "",
  });
}

test("the session in view and its sub-agents stay, and of others the newest", () => {
  const chat = new Chat({
    postMessage: () => undefined,
    getState: () => undefined,
    setState: () => undefined,
  });
  for (let at = 0; at < 40; at++) show(chat, `s${at}`);
  assert.equal(chat.session?.id, "s39");
  assert.ok(chat.sessions.size <= 9, `${chat.sessions.size}`);
  assert.ok(chat.sessions.has("s38"));
  assert.equal(chat.found.size, chat.sessions.size);
  const view = chat.session;
  assert.ok(view);
  for (let at = 0; at < 20; at++) {
    view.subagents.set(`below ${at}`, { subagent: { finished: {} } } as never);
    chat.sessions.set(`below ${at}`, emptySession(`below ${at}`));
  }
  for (let at = 0; at < 20; at++) {
    const script = new Script(`other ${at}`).prompt("Go.");
    chat.host.receive({ type: "updates", sessionId: script.id, updates: script.updates });
  }
  assert.ok(chat.sessions.has("below 0"));
  assert.ok(chat.sessions.has("s39"));
  assert.ok(!chat.sessions.has("other 0") && chat.sessions.has("other 19"));
});
