/** What the view says and offers while the server is not there: a consent, an installation, a Python, a crash again and again. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { Status } from "../../src/chat/messages";
import { gaveUp } from "../../src/client/restart";
import { type Page, page, SETTINGS, STATUS } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

const INIT = { version: "0", mac: false, sessionId: null, settings: SETTINGS };

async function standing(change: Partial<Status>): Promise<Page> {
  here = await page("s");
  here.chat.host.receive({ type: "init", ...INIT, status: { ...STATUS, key: "unknown", ...change } });
  await here.painted();
  return here;
}

const text = (it: Page, where: string): string => it.box.querySelector(where)?.textContent ?? "";
const links = (it: Page): string[] => [...it.box.querySelectorAll(".dock .lk")].map((one) => one.textContent);
const button = (it: Page, where: string, words: string): HTMLElement | undefined =>
  [...it.box.querySelectorAll<HTMLElement>(where)].find((one) => one.textContent === words);

const WAITS: Partial<Status> = {
  server: "starting",
  message: "Postil’s server waits for your consent to be installed.",
  install: { state: "waits", version: "3.12", path: "/usr/bin/python3" },
};

test("the consent is asked for where it waits, with what it is about, and given there", async () => {
  const shown = await standing(WAITS);
  assert.match(text(shown, ".consent"), /Python 3\.12 from \/usr\/bin\/python3 .*against its hash/);
  assert.match(text(shown, ".dock"), /waits for your consent/);
  assert.equal(shown.chat.announced, WAITS.message);
  button(shown, ".dock .lk", "Install")?.click();
  button(shown, ".consent vscode-button", "Install")?.click();
  button(shown, ".consent vscode-button", "Choose interpreter…")?.click();
  const asked = { version: "3.12", path: "/usr/bin/python3" };
  assert.deepEqual(shown.done, [
    ["install", asked],
    ["install", asked],
    ["chooseInterpreter", {}],
  ]);
  assert.doesNotMatch(text(shown, ".empty"), /API key/, "of the key nothing is known yet");
});

test("an installation says what it does, and is cancelled from there", async () => {
  const shown = await standing({
    ...WAITS,
    message: "Making a private environment…",
    install: { state: "runs", version: "3.12", path: "/usr/bin/python3" },
  });
  assert.match(text(shown, ".dock"), /Making a private environment…/);
  assert.equal(shown.box.querySelector(".consent"), null);
  button(shown, ".dock .lk", "Cancel")?.click();
  assert.deepEqual(shown.done, [["cancelInstall", {}]]);
});

test("what is wrong with the Python is said as it is", async () => {
  const why = "The Python at /usr/bin/python3 cannot make private environments. Install its venv module.";
  const shown = await standing({
    server: "failed",
    message: why,
    python: { state: "old", version: "3.12", path: "/usr/bin/python3", why },
  });
  assert.match(text(shown, ".nopython"), /cannot make private environments/);
  assert.doesNotMatch(text(shown, ".empty"), /3\.11 or newer/);
});

test("a server that ends again and again says what it said last, and what can be done", async () => {
  const message = gaveUp(6, "ModuleNotFoundError: No module named 'anthropic'");
  const shown = await standing({ server: "failed", message });
  assert.match(text(shown, ".dock"), /ended 6 times .* No module named 'anthropic'\. Sessions and files/);
  assert.equal(shown.chat.announced, message);
  assert.deepEqual(links(shown), ["Restart", "Show log"]);
  button(shown, ".dock .lk", "Restart")?.click();
  button(shown, ".dock .lk", "Show log")?.click();
  assert.deepEqual(shown.done, [
    ["restartServer", {}],
    ["showLog", {}],
  ]);
});

test("a window without a folder offers to open one, and nothing to restart", async () => {
  const shown = await standing({ server: "stopped", message: "No folder is open.", folder: false });
  assert.match(text(shown, ".dock"), /No folder is open/);
  assert.deepEqual(links(shown), ["Open folder…"]);
  button(shown, ".dock .lk", "Open folder…")?.click();
  assert.deepEqual(shown.done, [["openFolder", {}]]);
});

test("who sends where nothing can be sent is told why, keeps the words, and is no longer told once it can be", async () => {
  const shown = await standing({ key: "missing" });
  shown.chat.keep({ draft: "Do it." });
  await shown.chat.submit("send");
  await shown.painted();
  assert.match(text(shown, ".dock"), /There is no API key yet/);
  assert.match(shown.chat.announced, /There is no API key yet/);
  assert.equal(shown.chat.kept.draft, "Do it.");
  assert.equal(shown.asked.length, 0);
  shown.chat.host.receive({ type: "status", status: STATUS });
  await shown.painted();
  assert.doesNotMatch(text(shown, ".dock"), /API key/);
  void shown.chat.submit("send");
  assert.deepEqual(
    shown.asked.map((it) => it.method),
    ["postil/session/new"],
  );
});
