/** The status bar's words, and how a server is started. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEnvironment, fromSetting } from "../../src/client/launch";
import type { Known } from "../../src/host/words";
import { doing, ownerOf, standing } from "../../src/host/words";
import type { QuestionItem, Session } from "../../src/session/model";
import { emptySession } from "../../src/session/model";
import { fold } from "../../src/session/store";
import { waitsOf } from "../../src/session/waits";
import { waitsBelow } from "../../webview/gallery/waits";

const question = (kind: string): QuestionItem => ({ question: { kind } }) as unknown as QuestionItem;
const session = (change: Partial<Session> = {}): Session => ({
  ...emptySession("s"),
  title: "A task",
  ...change,
});
const known = (change: Partial<Known> = {}): Known => ({
  session: session(),
  questions: [...(change.session?.questions.values() ?? [])],
  busy: false,
  waits: waitsOf(change.session ?? session(), new Map()),
  phase: "ready",
  message: "",
  install: null,
  restricted: false,
  sandbox: { state: "unknown", name: "", why: "" },
  owner: null,
  ...change,
});

const RETRIES = {
  type: "ModelRetrying",
  turn_id: "t1",
  step: 1,
  attempt: 1,
  of: 6,
  seconds: 9,
  message: "",
} as const;

test("what waits for the person comes before what goes on", () => {
  const running = { turnId: "t", stage: "running", detail: "pytest", step: 3 } as const;
  const said = (change: Partial<Known>): string => standing(known(change)).text;
  assert.equal(said({}), "$(comment) Postil");
  assert.equal(said({ restricted: true }), "$(shield) Postil: restricted");
  assert.equal(
    said({ busy: true, session: session({ live: running }) }),
    "$(sync~spin) Postil: Running pytest",
  );
  const asked = session({
    live: running,
    questions: new Map([
      ["q", question("permission")],
      ["r", question("permission")],
    ]),
  });
  assert.equal(said({ busy: true, session: asked }), "$(question) Postil: 2 questions");
  const elsewhere = said({ session: asked, questions: [] });
  assert.equal(elsewhere, "$(comment) Postil", "what another window asks does not wait here");
  assert.equal(
    said({ session: session({ questions: new Map([["q", question("halt")]]) }) }),
    "$(debug-pause) Postil: halted",
  );
  const retry = { attempt: 1, of: 6, seconds: 4, message: "no route" };
  const offline = session({ retry: { ...retry, kind: "connection", why: "Offline" } });
  const limited = session({ retry: { ...retry, kind: "rate_limit", why: "Rate limited" } });
  assert.equal(said({ busy: true, session: limited }), "$(watch) Postil: rate limited");
  assert.equal(said({ busy: true, session: offline }), "$(debug-disconnect) Postil: offline");
  const [script, children] = waitsBelow();
  const above = fold(script.updates);
  const below = (): Map<string, Session> => new Map(children.map((it) => [it.id, fold(it.updates)]));
  const waiting = (): string => said({ busy: true, session: above, waits: waitsOf(above, below()) });
  assert.equal(waiting(), "$(watch) Postil: explore: rate limited", "a sub-agent's wait is the session's");
  children[0]?.put({ ...RETRIES, kind: "connection", why: "Offline $(bug)" });
  assert.equal(waiting(), "$(debug-disconnect) Postil: 2 agents: offline $ (bug), rate limited");
  assert.equal(said({ phase: "failed", session: asked }), "$(error) Postil: not running");
  const install = { version: "3.12", path: "/usr/bin/python3" };
  assert.equal(
    said({ phase: "starting", install: { state: "waits", ...install } }),
    "$(question) Postil: not installed yet",
  );
  assert.equal(
    said({ phase: "starting", install: { state: "runs", ...install } }),
    "$(sync~spin) Postil: installing",
  );
});

test("the tooltip says which sandbox there is, and who has the session", () => {
  const said = (change: Partial<Known>): string[] => standing(known(change)).tooltip.split("\n");
  assert.deepEqual(said({}), ["A task", "$0.00"]);
  const sandbox = { state: "ready", name: "bubblewrap", why: "" } as const;
  assert.equal(said({ sandbox })[0], "Sandbox: bubblewrap");
  const none = { state: "none", name: "", why: "there is none on this machine" } as const;
  assert.equal(said({ sandbox: none })[0], "No sandbox: there is none on this machine");
  const now = new Date(2026, 10, 22, 12, 0);
  const since = new Date(2026, 10, 22, 10, 12).getTime() / 1_000;
  const owner = ownerOf({ pid: 12, host: "", since, here: false }, now);
  assert.deepEqual(owner, { since: "process 12 since 10:12", gone: false });
  assert.equal(said({ owner })[0], "Open in another window: process 12 since 10:12");
  assert.equal(ownerOf({ pid: 12, host: "far", since: null, here: false }).since, "process 12 on far");
  assert.ok(ownerOf(null).gone, "nobody has it");
  assert.ok(ownerOf({ pid: 12, host: "", since, here: true }).gone, "this window has it");
});

test("a command's text is short, on one line, and makes no icon", () => {
  const live = (detail: string): Session =>
    session({ live: { turnId: "t", stage: "running", detail, step: 1 } });
  assert.equal(doing(live("echo $(bug)\nrm -rf x")), "Running echo $ (bug) rm -rf x");
  assert.equal(doing(live("x".repeat(100))).length, "Running ".length + 40);
  assert.equal(doing(session()), "Working");
});

test("a server of the extension's own imports nothing of the workspace", () => {
  const launch = fromEnvironment("/env/bin/python", {
    PATH: "/bin",
    PYTHONPATH: "/evil",
    PYTHONHOME: "/evil",
    VSCODE_PID: "1",
    ELECTRON_RUN_AS_NODE: "1",
  });
  assert.deepEqual(launch, {
    command: "/env/bin/python",
    args: ["-P", "-m", "postil", "serve"],
    env: { PATH: "/bin" },
  });
  assert.equal(fromSetting([], {}), undefined);
  assert.equal(fromSetting([""], {}), undefined);
  assert.deepEqual(fromSetting(["postil", "serve"], { A: "b" }), {
    command: "postil",
    args: ["serve"],
    env: { A: "b" },
  });
});
