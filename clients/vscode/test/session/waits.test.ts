/** Who waits for the next try of the model, however deep it works. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../src/session/model";
import { apply, fold } from "../../src/session/store";
import { waitsOf, worksFor } from "../../src/session/waits";
import { Script } from "../../webview/gallery/script";
import { waitsBelow } from "../../webview/gallery/waits";

function deep(): [Session, Map<string, Session>, Script] {
  const [script, children] = waitsBelow();
  const [first] = children;
  assert.ok(first);
  first.reply({ calls: [["delegate", {}]] }, { k: 1, cost: 0 });
  const call_id = first.begin("other", "check", null, "delegate");
  const started = { turn_id: "t1", call_id, session_id: "deeper", agent_type: "check", title: "", depth: 2 };
  first.put({ type: "SubagentStarted", ...started });
  const deeper = new Script("deeper").prompt("Check.");
  deeper.put({
    type: "ModelRetrying",
    turn_id: "t1",
    step: 1,
    attempt: 1,
    of: 6,
    seconds: 9,
    message: "",
    kind: "connection",
    why: "Offline",
  });
  const all = [...children, deeper];
  return [fold(script.updates), new Map(all.map((it) => [it.id, fold(it.updates)])), deeper];
}

test("whoever works below waits for the session, and what goes on waits no longer", () => {
  const [session, known, deeper] = deep();
  assert.deepEqual(
    waitsOf(session, known).map((it) => [it.sessionId, it.who, it.retry.why]),
    [
      ["deeper", "check", "Offline"],
      ["below1", "explore", "Rate limited"],
    ],
  );
  deeper.put({ type: "StageChanged", turn_id: "t1", stage: "thinking", detail: "", step: 1 });
  const last = deeper.updates.at(-1);
  const below = known.get("deeper");
  assert.ok(last !== undefined && below !== undefined);
  apply(below, last);
  assert.deepEqual(
    waitsOf(session, known).map((it) => it.sessionId),
    ["below1"],
  );
});

test("a sub-agent of a sub-agent works for the session, another session does not", () => {
  const [session, known] = deep();
  assert.ok(worksFor("below0", session, known));
  assert.ok(worksFor("deeper", session, known));
  assert.ok(!worksFor("deeper", session, new Map()), "of who was never met nothing is known");
  assert.ok(!worksFor("another", session, known));
});
