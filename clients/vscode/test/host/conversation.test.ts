/** The questions of all sessions, whoever is in view, and what comes into view when answers come in another order. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { does, editor, settled, shown } from "./editor";
import type { Server } from "../../src/client/server";
import { Conversation } from "../../src/host/conversation";
import { completed } from "../../src/host/questions";
import { emptySession } from "../../src/session/model";
import type { AnswerParams, Update } from "../../src/protocol_gen";
import { Script } from "../../webview/gallery/script";
import { waitsBelow } from "../../webview/gallery/waits";

beforeEach(() => {
  shown.length = does.length = 0;
});

interface Desk {
  readonly conversation: Conversation;
  /** The sessions of the server, by their ids. */
  readonly scripts: Map<string, Script>;
  readonly readOnly: Set<string>;
  readonly attached: string[];
  /** Answers to attach that are kept back, by session. */
  readonly held: Map<string, Promise<void>>;
  /** Tells of what a script put last. */
  readonly tell: (script: Script, count?: number) => void;
  readonly phase: (to: string) => void;
}

function desk(...scripts: Script[]): Desk {
  const updates = new editor.EventEmitter<Update>();
  const phases = new editor.EventEmitter<string>();
  const known = new Map(scripts.map((it) => [it.id, it]));
  const readOnly = new Set<string>();
  const attached: string[] = [];
  const held = new Map<string, Promise<void>>();
  const server = {
    ready: true,
    onUpdate: updates.event,
    onPhase: phases.event,
    ask: async (method: string, { sessionId }: { sessionId: string }) => {
      assert.equal(method, "postil/session/attach");
      attached.push(sessionId);
      await held.get(sessionId);
      const script = known.get(sessionId);
      if (script === undefined) throw new Error("There is no such session.");
      const found = { suspended: false, readOnly: readOnly.has(sessionId), note: "", passing: [] };
      return { ...found, sessionId, seq: script.updates.length, events: script.updates };
    },
  };
  let remembered: string | undefined;
  const memory = {
    get: () => remembered,
    update: (_: string, to: string | undefined) => Promise.resolve((remembered = to)),
  };
  const log = { info: () => undefined, warn: () => undefined };
  return {
    conversation: new Conversation(server as unknown as Server, memory as never, log as never),
    scripts: known,
    readOnly,
    attached,
    held,
    tell: (script, count = 1) => {
      for (const it of script.updates.slice(-count)) updates.fire(it as Update);
    },
    phase: (to) => phases.fire(to),
  };
}

function asking(id: string, subject = "rm -rf build"): Script {
  const script = new Script(id).prompt("Clean up.");
  script.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  return script.permission({ title: "Run this command?", subject, facts: [] });
}

const subjects = (it: Conversation): string[] => it.asked.map((asked) => asked.item.question.subject);

function completedBy(it: Conversation, script: Script, kind: string): Promise<AnswerParams | undefined> {
  const event = script.updates.at(-1)?.event;
  assert.ok(event?.type === "PermissionAsked");
  const { question } = event;
  const option = question.options.find((one) => one.kind === kind);
  assert.ok(option);
  return completed(
    { conversation: it },
    { sessionId: script.id, questionId: question.id, optionId: option.id },
  );
}

test("what a sub-agent asks is asked here, until it is answered or its work is over", async () => {
  const [script, children] = waitsBelow();
  const [child] = children;
  assert.ok(child);
  const { conversation, tell } = desk(script, ...children);
  await conversation.open(script.id);
  await settled();
  child.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  child.permission({ title: "Run this command?", subject: "make clean", facts: [] });
  tell(child, 2);
  assert.deepEqual(
    conversation.asked.map((it) => [it.sessionId, it.who, it.item.question.subject]),
    [["below0", "explore", "make clean"]],
  );
  assert.ok(conversation.shows("below0"));
  child.ended();
  tell(child);
  assert.deepEqual(conversation.asked, []);
});

test("what a sub-agent asked before anybody followed it is read, also where it is met in the middle", async () => {
  const [script, children] = waitsBelow();
  const [child] = children;
  assert.ok(child);
  child.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  child.permission({ title: "Run this command?", subject: "make clean", facts: [] });
  const { conversation, attached, scripts, tell } = desk(script, ...children);
  await conversation.open(script.id);
  await settled();
  assert.deepEqual(attached, [script.id, "below0", "below1"]);
  assert.deepEqual(subjects(conversation), ["make clean"]);
  const other = asking("other", "rm other").plan(0, "Clean up.");
  scripts.set(other.id, other);
  tell(other);
  await settled();
  assert.deepEqual(subjects(conversation), ["make clean", "rm other"]);
});

test("a late word of a sub-agent that has ended opens nothing", async () => {
  const [script, children] = waitsBelow();
  const [child] = children;
  assert.ok(child);
  const { conversation, attached, tell } = desk(script, ...children);
  await conversation.open(script.id);
  await settled();
  const started = script.updates.find((it) => it.event.type === "SubagentStarted")?.event;
  assert.ok(started?.type === "SubagentStarted");
  const { turn_id, call_id, session_id } = started;
  const usage = { input: 0, cache_read: 0, cache_write: 0, output: 0 };
  const finished = {
    turn_id,
    call_id,
    session_id,
    reason: "end_turn",
    message: "",
    calls: 0,
    cost: 0,
    usage,
  };
  script.put({ type: "SubagentFinished", ...finished } as never);
  tell(script);
  const before = attached.length;
  child.plan(0, "Late").plan(1, "Late");
  tell(child);
  await settled();
  assert.equal(attached.length, before);
});

test("the questions of a session that leaves the view stay open, and going to one brings it back", async () => {
  const first = asking("first");
  const { conversation } = desk(first, new Script("second"));
  await conversation.open("first");
  await conversation.open("second");
  assert.deepEqual(subjects(conversation), ["rm -rf build"]);
  assert.deepEqual([...conversation.own], []);
  assert.equal(conversation.elsewhere.length, 1);
  await conversation.showAsker("first");
  assert.equal(conversation.id, "first");
  assert.equal(conversation.elsewhere.length, 0);
  assert.deepEqual(subjects(conversation), ["rm -rf build"]);
  conversation.leave();
  assert.deepEqual(subjects(conversation), [], "what is gone asks nothing");
});

test("what another window has, and what a server asked that is gone, is not asked here", async () => {
  const { conversation, readOnly, phase } = desk(asking("away"), asking("first"), new Script("second"));
  readOnly.add("away");
  await conversation.open("away");
  await conversation.open("second");
  assert.deepEqual(conversation.asked, []);
  await conversation.open("first");
  await conversation.open("second");
  assert.equal(conversation.asked.length, 1);
  phase("restarting");
  assert.deepEqual(conversation.asked, []);
});

test("an answer out of view has its words and its look at the rule", async () => {
  const first = asking("first");
  const { conversation } = desk(first, new Script("second"));
  await conversation.open("first");
  await conversation.open("second");
  does.push("It is still needed.");
  assert.equal((await completedBy(conversation, first, "reject_with_reason"))?.text, "It is still needed.");
  assert.equal(
    await completedBy(conversation, first, "reject_with_reason"),
    undefined,
    "Escape is no answer",
  );
  assert.deepEqual(
    shown.map((it) => it.what),
    ["input", "input"],
  );
});

test("a question that this window does not know is never passed through", async () => {
  const late = asking("late");
  const { conversation, readOnly } = desk(new Script("view"), late);
  await conversation.open("view");
  assert.equal(await completedBy(conversation, late, "allow_once"), undefined);
  assert.deepEqual(
    shown.map((it) => [it.what, it.text]),
    [["command", "postil.goToQuestion"]],
    "it is read, and shown in the chat",
  );
  assert.ok(await completedBy(conversation, late, "allow_once"), "known by now");
  shown.length = 0;
  assert.equal(await completedBy(conversation, asking("nowhere"), "allow_once"), undefined);
  const away = asking("away");
  readOnly.add("away");
  assert.equal(await completedBy(conversation, away, "allow_once"), undefined);
  assert.match(shown[0]?.text ?? "", /is not open in this window/);
});

test("what was wished last comes into view, however late an earlier wish is answered", async () => {
  const { conversation, held } = desk(new Script("first"), new Script("second"));
  let release = (): void => undefined;
  held.set("first", new Promise((resolve) => (release = resolve)));
  const opened: (string | undefined)[] = [];
  conversation.onOpened((it) => opened.push(it?.sessionId));
  const late = conversation.open("first");
  await conversation.open("second");
  release();
  await late;
  assert.equal(conversation.id, "second");
  assert.deepEqual(opened, ["second"]);
});

test("what is wished after a start comes into view, and what was there before only where that fails", async () => {
  const { conversation, held, attached, phase, scripts } = desk(new Script("before"), new Script("other"));
  const restart = (): void => {
    for (const it of ["restarting", "ready"]) phase(it);
    attached.length = 0;
  };
  const hold = (id: string): (() => void) => {
    let release = (): void => undefined;
    held.set(id, new Promise((resolve) => (release = resolve)));
    return release;
  };
  await conversation.open("before");
  restart();
  await conversation.restore();
  assert.deepEqual(attached, ["before"], "it is opened anew by each server");
  restart();
  await conversation.open("other");
  await conversation.restore();
  assert.deepEqual([conversation.id, attached], ["other", ["other"]], "it was there first");
  await conversation.open("before");
  restart();
  let release = hold("other");
  const wish = conversation.open("other");
  await conversation.restore();
  release();
  await wish;
  await settled();
  assert.deepEqual([conversation.id, attached], ["other", ["other"]], "it is on its way");
  restart();
  scripts.delete("before");
  release = hold("before");
  const fails = assert.rejects(conversation.open("before"));
  await conversation.restore();
  release();
  await fails;
  await settled();
  assert.deepEqual(attached, ["before", "other"], "nothing else came");
});

test("what is done with the session in view waits for the one that is on its way back", async () => {
  const { conversation, held, phase } = desk(new Script("before"));
  await assert.rejects(conversation.inView(), /No session is in view/);
  await conversation.open("before");
  conversation.leave();
  await assert.rejects(conversation.inView(), /No session is in view/);
  await conversation.open("before");
  conversation.session = emptySession(); // As in a window that is loaded again.
  for (const it of ["restarting", "ready"]) phase(it);
  let release = (): void => undefined;
  held.set("before", new Promise((resolve) => (release = resolve)));
  const restored = conversation.restore();
  const inView = conversation.inView();
  release();
  assert.equal(await inView, "before");
  await restored;
});

test("reading the session in view again does not take the place of one that is wished, and is made up for where that fails", async () => {
  const first = new Script("first").prompt("Clean up.");
  const { conversation, held, attached, scripts, tell } = desk(first, new Script("second"));
  await conversation.open("first");
  let release = (): void => undefined;
  held.set("second", new Promise((resolve) => (release = resolve)));
  const wish = conversation.open("second");
  first.plan(0, "One").plan(1, "One");
  tell(first); // The one before it was lost.
  release();
  await wish;
  await settled();
  assert.equal(conversation.id, "second");
  await conversation.open("first");
  held.set("second", new Promise((resolve) => (release = resolve)));
  scripts.delete("second");
  const fails = assert.rejects(conversation.open("second"));
  first.plan(0, "Two").plan(1, "Two");
  tell(first);
  attached.length = 0;
  release();
  await fails;
  await settled();
  assert.equal(conversation.id, "first");
  assert.deepEqual(attached, ["first"]);
  assert.equal(conversation.session.plan[0]?.text, "Two");
});

test("a session that was visited long ago is opened again as any", async () => {
  const scripts = Array.from({ length: 12 }, (_, at) => new Script(`s${at}`).prompt("Go.").ended());
  const { conversation, attached, tell } = desk(...scripts);
  for (const it of scripts) await conversation.open(it.id);
  await conversation.open("s0");
  assert.equal(conversation.session.turnCount, 1);
  assert.deepEqual(attached.slice(-2), ["s11", "s0"]);
  const [, asks] = scripts;
  asks!.prompt("More.").reply({ calls: [["shell", {}]] }, { k: 1, cost: 0 });
  tell(asks!.permission({ title: "Run this command?", subject: "make", facts: [] }));
  await settled();
  assert.equal(attached.at(-1), "s1", "it is read again where something happens in it");
  assert.deepEqual(subjects(conversation), ["make"]);
});
