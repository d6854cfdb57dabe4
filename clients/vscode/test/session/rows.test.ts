/** The lines that a turn is shown as. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../src/session/store";
import { turns } from "../../src/session/model";
import { changedFiles, readsTitle, rowsOf } from "../../src/session/rows";
import { Script } from "../../webview/gallery/script";

function rows(script: Script, foldReads = true): string[] {
  const [turn] = turns(fold(script.updates));
  return rowsOf(turn!, { foldReads }).map((it) => it.kind);
}

const READ: [string, Record<string, unknown>] = ["read", { path: "a.py" }];

test("reads and searches of one step are one line, and those of the next are another", () => {
  const script = new Script("s").prompt("Go.");
  script.reply({ calls: [READ, READ, ["grep", {}]] }, { k: 1, cost: 0 });
  script.call("read", "Read a.py").call("read", "Read b.py").call("search", "Search x", { tool: "grep" });
  script.reply({ text: "Now then.", calls: [READ] }, { k: 1, cost: 0 }).call("read", "Read c.py");
  assert.deepEqual(rows(script), ["reads", "prose", "reads"]);
  assert.deepEqual(rows(script, false), ["reads", "reads", "reads", "prose", "reads"]);
  const [turn] = turns(fold(script.updates));
  const [first] = rowsOf(turn!, { foldReads: true });
  assert.equal(first?.kind === "reads" && readsTitle(first.calls), "Read 1 file, searched once");
});

test("a read that failed stands by itself", () => {
  const script = new Script("s").prompt("Go.").reply({ calls: [READ, READ] }, { k: 1, cost: 0 });
  script
    .call("read", "Read a.py")
    .call("read", "Read b.py", { outcome: "failed", content: "There is no b.py." });
  assert.deepEqual(rows(script), ["reads", "call"]);
});

test("an edit is shown when it is made and not before", () => {
  const script = new Script("s").prompt("Go.").reply({ calls: [["edit", {}]] }, { k: 1, cost: 0 });
  script.begin("edit", "Edit a.py");
  assert.deepEqual(rows(script), []);
  const other = new Script("s")
    .prompt("Go.")
    .reply({ calls: [["edit", {}]] }, { k: 1, cost: 0 })
    .edit("a.py", 4, 3);
  assert.deepEqual(rows(other), ["change"]);
});

test("a question is a card until it is answered, and then one line", () => {
  const script = new Script("s").prompt("Go.").reply({ calls: [["shell", {}]] }, { k: 1, cost: 0 });
  script.permission({ title: "Run this command?", subject: "make" });
  assert.deepEqual(rows(script), ["card"]);
  const decided = {
    turn_id: "t1",
    call_id: "c1",
    decision: "deny",
    by: "person",
    rule: "",
    why: "",
    face: "lsp",
  } as const;
  script.put({
    type: "PermissionDecided",
    ...decided,
    question_id: "q1",
    option_id: "reject_once",
    subject: "make",
    source: "",
  });
  script.end("c1", { outcome: "denied" });
  assert.deepEqual(rows(script), ["answered"]);
});

test("the plan is a line when the turn has ended", () => {
  const script = new Script("s")
    .prompt("Go.")
    .reply({ text: "Yes." }, { k: 1, cost: 0 })
    .plan(0, "One", "Two");
  assert.deepEqual(rows(script), ["prose"]);
  assert.deepEqual(rows(script.ended()), ["prose", "plan"]);
});

test("after a crash, what was under way stands below the restart", () => {
  const script = new Script("s").prompt("Go.").reply({ calls: [["shell", {}]] }, { k: 1, cost: 0 });
  const call = script.begin("execute", "make", "make", "shell");
  script.put({ type: "SessionResumed", face: "lsp", postil: "", clean: false, reason: "killed" });
  script.end(call, { outcome: "unknown", content: "no more output" });
  assert.deepEqual(rows(script), ["divider", "call"]);
});

test("changes are counted by file, without what was undone or kept", () => {
  const script = new Script("s").prompt("Go.").reply(
    {
      calls: [
        ["edit", {}],
        ["edit", {}],
      ],
    },
    { k: 1, cost: 0 },
  );
  script.edit("a.py", 4, 3).edit("b.py", 1, 0);
  const { changes } = fold(script.updates);
  const [one, two] = changes;
  const counted = (...of: Parameters<typeof changedFiles>) => {
    const { files, net } = changedFiles(...of);
    return [files, net && [net.added, net.removed]];
  };
  assert.deepEqual(counted(changes, new Set(), null), [2, [5, 3]]);
  assert.deepEqual(counted(changes, new Set([one!.changeId]), null), [1, [1, 0]]);
  const open = [{ changeId: two!.changeId, path: two!.path }];
  assert.deepEqual(counted(changes, new Set(), { open, counts: [] }), [1, [1, 0]]);
});

test("what is counted is by how much files differ, and not what each edit did to them", () => {
  const calls = [1, 2, 3].map((): [string, Record<string, unknown>] => ["edit", {}]);
  const script = new Script("s").prompt("Go.").reply({ calls }, { k: 1, cost: 0 });
  const { changes } = fold(script.edit("a.py", 4, 3).edit("a.py", 0, 4).edit("b.py", 1, 0).updates);
  const open = changes.map(({ changeId, path }) => ({ changeId, path }));
  const [a, , b] = changes;
  const counts = (net: { added: number; removed: number } | null) => [{ path: a!.path, net }];
  const none = new Set<string>();
  const known = counts({ added: 0, removed: 3 });
  assert.deepEqual(changedFiles(changes, none, { open, counts: known }), {
    files: 2,
    net: { added: 1, removed: 3 },
  });
  assert.equal(changedFiles(changes, none, { open, counts: counts(null) }).net, null);
  assert.equal(changedFiles(changes, none, null).net, null, "before the editor has said so, too");
  // What is as it was is not in the editor's list, and is no file.
  const left = { open: [{ changeId: b!.changeId, path: b!.path }], counts: [] };
  assert.deepEqual(changedFiles(changes, none, left), { files: 1, net: { added: 1, removed: 0 } });
});

test("what is done says that it has no evidence only where edits are not verified", () => {
  const plan = (verified: boolean | null): boolean[] => {
    const script = new Script("s").prompt("Go.").plan(2, "One", "Two");
    if (verified !== null)
      script.put({
        type: "VerificationEnded",
        turn_id: "t1",
        verified,
        reason: verified ? null : "stale",
        words: "",
        evidence: [],
      });
    const [turn] = turns(fold(script.ended().updates));
    return rowsOf(turn!, { foldReads: true }).flatMap((it) => (it.kind === "plan" ? [it.expects] : []));
  };
  assert.deepEqual(plan(null), [false], "nothing was edited");
  assert.deepEqual(plan(true), [false]);
  assert.deepEqual(plan(false), [true]);
});

test("a call of the model that follows a failed try does not hide the wait for the next one", () => {
  const script = new Script("s").prompt("Go.");
  const retry = {
    attempt: 1,
    of: 6,
    seconds: 9,
    message: "It broke.",
    kind: "server",
    why: "It broke",
  } as const;
  script.put({ type: "ModelRetrying", turn_id: "t1", step: 1, ...retry });
  script.called(3);
  const session = fold(script.updates);
  assert.deepEqual(session.retry, retry);
  const stage = { type: "StageChanged", turn_id: "t1", stage: "thinking", detail: "", step: 1 } as const;
  assert.equal(fold(script.put(stage).updates).retry, null);
});
