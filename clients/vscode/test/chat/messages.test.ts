/** What the host and the webview say to each other is believed by neither. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { METHODS, readFromView, readToView } from "../../src/chat/messages";

const status = {
  server: "ready",
  message: "",
  python: { state: "found", version: "3.12", path: "/usr/bin/python3", why: "" },
  install: { state: "waits", version: "3.12", path: "/usr/bin/python3" },
  sandbox: { state: "ready", name: "bubblewrap", why: "" },
  key: "set",
  trust: "trusted",
  folder: true,
  owner: null,
};

test("what fits is read", () => {
  const messages = [
    { type: "status", status },
    {
      type: "updates",
      sessionId: "s1",
      updates: [{ sessionId: "s1", seq: null, after: 3, event: { type: "Later" } }],
    },
    { type: "response", id: 1, result: { any: "thing" } },
    { type: "response", id: 2, error: "The session is damaged." },
    { type: "focus", target: "question" },
    { type: "focus", target: "question", questionId: "q2" },
    { type: "status", status: { ...status, install: null } },
  ];
  for (const message of messages) assert.deepEqual(readToView(message), { ok: true, message });
});

test("what does not fit is dropped, with a word why", () => {
  const bad: [unknown, RegExp][] = [
    [null, /no object/],
    ["ready", /no object/],
    [{}, /type: no text/],
    [{ type: "__proto__" }, /no message has the type/],
    [{ type: "constructor" }, /no message has the type/],
    [{ type: "status", status: { ...status, key: "sk-secret" } }, /status: status: key/],
    [{ type: "updates", sessionId: "s1", updates: [{ seq: 1 }] }, /updates: updates: \[0\] sessionId/],
    [{ type: "response", id: Number.NaN }, /id: no number/],
    [{ type: "focus", target: "question", questionId: 2 }, /focus: questionId/],
    [{ type: "draft", text: "x".repeat(1_000_001) }, /longer than/],
  ];
  for (const [message, why] of bad) {
    const read = readToView(message);
    assert.ok(!read.ok);
    assert.match(read.why, why);
    assert.ok(!read.why.includes("sk-secret"), "what is wrong is never repeated");
  }
});

test("a webview reaches nothing that is not listed", () => {
  for (const method of METHODS) {
    assert.ok(readFromView({ type: "request", id: 1, method, params: {} }).ok, method);
  }
  for (const method of [
    "postil.server.trust",
    "postil.server.revoke",
    "workspace/executeCommand",
    "",
    "toString",
  ]) {
    assert.ok(!readFromView({ type: "request", id: 1, method, params: {} }).ok, method);
  }
  assert.ok(!readFromView({ type: "command", command: "workbench.action.quit", args: {} }).ok);
  assert.ok(!readFromView({ type: "command", command: "hasOwnProperty", args: {} }).ok);
});

test("the arguments of a command are checked", () => {
  assert.ok(readFromView({ type: "command", command: "openFile", args: { path: "a.py", line: 3 } }).ok);
  assert.ok(!readFromView({ type: "command", command: "openFile", args: { path: 3 } }).ok);
  assert.ok(!readFromView({ type: "command", command: "openFile", args: { path: "a.py", line: "3" } }).ok);
  assert.ok(!readFromView({ type: "command", command: "undo", args: { sessionId: "s", path: "a" } }).ok);
  assert.ok(!readFromView({ type: "command", command: "copy", args: [] }).ok);
});
