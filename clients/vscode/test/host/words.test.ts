/** The status bar's words, and how a server is started. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromEnvironment, fromSetting } from "../../src/client/launch";
import type { Known } from "../../src/host/words";
import { doing, standing } from "../../src/host/words";
import type { QuestionItem, Session } from "../../src/session/model";
import { emptySession } from "../../src/session/model";

const question = (kind: string): QuestionItem => ({ question: { kind } }) as unknown as QuestionItem;
const session = (change: Partial<Session> = {}): Session => ({
  ...emptySession("s"),
  title: "A task",
  ...change,
});
const known = (change: Partial<Known> = {}): Known => ({
  session: session(),
  busy: false,
  phase: "ready",
  message: "",
  restricted: false,
  ...change,
});

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
  assert.equal(
    said({ session: session({ questions: new Map([["q", question("halt")]]) }) }),
    "$(debug-pause) Postil: halted",
  );
  const offline = session({ retry: { attempt: 1, of: 6, seconds: 4, message: "no route" } });
  assert.equal(said({ busy: true, session: offline }), "$(debug-disconnect) Postil: offline");
  assert.equal(said({ phase: "failed", session: asked }), "$(error) Postil: not running");
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
