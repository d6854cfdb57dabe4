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
  assert.deepEqual(changedFiles(changes, new Set(), null), { files: 2, added: 5, removed: 3 });
  assert.deepEqual(changedFiles(changes, new Set([one!.changeId]), null), { files: 1, added: 1, removed: 0 });
  assert.deepEqual(changedFiles(changes, new Set(), [{ changeId: two!.changeId, path: two!.path }]), {
    files: 1,
    added: 1,
    removed: 0,
  });
});
