/** The fold of the chat and the fold of the server come to the same on the same golden files. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import type { PostilEvent } from "../../src/protocol_gen";
import { emptySession, openTurns, type Session, type Stamped, turns } from "../../src/session/model";
import { apply, fold } from "../../src/session/store";

const folder = resolve(process.cwd(), "../../tests/golden");
const names = readdirSync(folder)
  .filter((it) => it.endsWith(".state.json"))
  .map((it) => it.replace(".state.json", ""));

interface Line {
  at?: number;
  seq?: number;
  after?: number;
  event: PostilEvent;
}

function updates(name: string): Stamped[] {
  const lines = readFileSync(join(folder, `${name}.events.jsonl`), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => {
    const { at = null, seq = null, after, event } = JSON.parse(line) as Line;
    return { sessionId: "s0001", seq, after: after ?? seq ?? 0, event, at };
  });
}

/** What both folds know, by the server's names. */
function facts(session: Session): Record<string, unknown> {
  return {
    session_id: session.id,
    title: session.title,
    roots: session.roots,
    mode: session.mode,
    model: session.model,
    trusted: session.trusted,
    turns: openTurns(session).map((it) => it.id),
    marks: turns(session)
      .filter((it) => it.routed)
      .map((it) => it.id),
    questions: [...session.questions.keys()].sort(),
    calls: [...session.calls.values()].filter((it) => isOpen(it.status)).map((it) => it.id),
    grants: session.grants.map((it) => [it.id, it.rule, it.scope]),
    queue: session.queue.map((it) => [it.prompt, it.steers]),
    todo: session.plan,
    changes: session.changes.map((it) => [it.changeId, it.path, it.label, it.where, it.doubtful, it.seq]),
    undone: [...session.undone],
    kept: [...session.kept],
    subagents: [...session.subagents.values()].map((it) => [it.subagent?.started, it.subagent?.finished]),
    turn_count: session.turnCount,
    call_count: session.callCount,
    usage: session.usage,
    cost: session.cost === null ? null : Number(session.cost.toFixed(9)),
    closed: session.closed,
    end: session.lastEnd,
  };
}

function isOpen(status: string): boolean {
  return ["open", "asking", "decided", "running"].includes(status);
}

interface ServerChange {
  change_id: string;
  path: string;
  label: string;
  where: string;
  doubtful: boolean;
  seq: number;
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- the server's state has no types here */
function expected(name: string): Record<string, unknown> {
  const { workflow } = JSON.parse(readFileSync(join(folder, `${name}.state.json`), "utf8")) as {
    workflow: any;
  };
  const configuration = workflow.configuration;
  return {
    session_id: workflow.session_id,
    title: workflow.title,
    roots: workflow.roots,
    mode: configuration.mode,
    model: configuration.model,
    trusted: configuration.trusted,
    turns: workflow.turns.map((it: any) => it.id),
    marks: workflow.marks.map((it: any) => it.turn_id),
    questions: Object.keys(workflow.questions).sort(),
    calls: Object.values(workflow.calls)
      .filter((it: any) => it.status !== "finished")
      .map((it: any) => it.call.id),
    grants: workflow.grants.map((it: any) => [it.id, it.rule, it.scope]),
    queue: workflow.queue.map((it: any) => [it.prompt, it.steers]),
    todo: workflow.todo,
    changes: workflow.changes.map((it: ServerChange) => [
      it.change_id,
      it.path,
      it.label,
      it.where,
      it.doubtful,
      it.seq,
    ]),
    undone: workflow.undone,
    kept: workflow.kept,
    subagents: workflow.subagents.map((it: any) => [it.started, it.finished]),
    turn_count: workflow.turn_count,
    call_count: workflow.call_count,
    usage: workflow.usage,
    cost: workflow.cost === null ? null : Number(workflow.cost.toFixed(9)),
    closed: workflow.closed,
    end: workflow.last_end,
  };
}

/** The outcome of each call as the server's conversation has it: whether its result is an error. */
function results(name: string): Map<string, boolean> {
  const { conversation } = JSON.parse(readFileSync(join(folder, `${name}.state.json`), "utf8")) as {
    conversation: any;
  };
  const found = new Map<string, boolean>();
  for (const message of conversation.messages) {
    for (const result of Object.values<any>(message.results ?? {}))
      found.set(result.call_id, result.is_error);
  }
  return found;
}
/* eslint-enable */

test("there are golden files", () => {
  assert.ok(names.length >= 16);
});

for (const name of names) {
  test(`${name}: both folds agree`, () => {
    assert.deepEqual(facts(fold(updates(name))), expected(name));
  });

  test(`${name}: every result is shown as it was`, () => {
    const session = fold(updates(name));
    const calls = new Map(
      turns(session).flatMap((it) =>
        it.items.flatMap((item) => (item.kind === "call" ? [[item.id, item] as const] : [])),
      ),
    );
    for (const [id, isError] of results(name)) {
      const call = calls.get(id);
      assert.ok(call !== undefined, `${id} is shown`);
      assert.equal(call.status !== "completed", isError, id);
    }
  });

  test(`${name}: in two parts, and each event sent twice, it is the same`, () => {
    const all = updates(name);
    const whole = facts(fold(all));
    for (let cut = 0; cut <= all.length; cut += 3) {
      const session = fold(all.slice(0, cut));
      fold(all.slice(0, cut), session);
      assert.deepEqual(facts(fold(all, session)), whole);
    }
  });
}

test("what is only shown counts where it came, and is void when it is old", () => {
  const durable = updates("edit_and_shell");
  const session = fold(durable.slice(0, 4));
  for (const update of updates("ephemeral").slice(0, 5)) assert.ok(apply(session, update));
  const [turn] = openTurns(session);
  assert.deepEqual(
    turn?.items.map((it) => (it.kind === "text" || it.kind === "thinking" ? [it.kind, it.text] : [])),
    [
      ["thinking", "Zero."],
      ["text", "I look first. \u{1f4c8}"],
    ],
  );
  const before = turn.items.map((it) => it.key);
  for (const update of durable.slice(4, 5)) assert.ok(apply(session, update));
  assert.deepEqual(
    turn.items.slice(0, 2).map((it) => it.key),
    before,
    "what grew stays where it is",
  );
  assert.equal(apply(session, updates("ephemeral")[3]!), false, "a piece of an older reply");
  assert.deepEqual(session.retry, null);
});

test("a failed try makes its pieces void", () => {
  const session = fold(updates("edit_and_shell").slice(0, 4));
  for (const update of updates("ephemeral").slice(0, 6)) apply(session, update);
  assert.equal(openTurns(session)[0]?.items.length, 0);
  assert.deepEqual(session.retry, {
    attempt: 1,
    of: 5,
    seconds: 0.5,
    message: "The service is overloaded (529).",
    kind: "overloaded",
    why: "The service is overloaded",
  });
});

test("an event of a later version changes nothing but the number", () => {
  const session = emptySession();
  const event = { type: "Later", v: 9 } as unknown as PostilEvent;
  assert.ok(apply(session, { sessionId: "s", seq: 1, after: 1, event }));
  assert.deepEqual({ ...session, seq: 0, rev: 0 }, emptySession());
});
