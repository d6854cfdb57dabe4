/** Sessions out of view: those that work or ask are kept, and of the others so many as were seen last. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KnownSessions, MOST_AT_REST } from "../../src/host/known";
import type { Update } from "../../src/protocol_gen";
import { emptySession } from "../../src/session/model";
import { fold } from "../../src/session/store";
import { Script } from "../../webview/gallery/script";

const session = (script: Script) => fold(script.updates, emptySession(script.id));
const idle = (id: string): Script => new Script(id).prompt("Go.").ended();
const asking = (id: string): Script =>
  new Script(id)
    .prompt("Clean up.")
    .reply({ calls: [["shell", {}]] }, { k: 1, cost: 0 })
    .permission({ title: "Run this command?", subject: "make", facts: [] });

test("what neither works nor asks goes, the one that was seen longest ago first", () => {
  const known = new KnownSessions();
  known.put(session(new Script("works").prompt("Go.")), false);
  known.put(session(asking("asks")), false);
  known.put(session(new Script("left").prompt("Go.")), true);
  const scripts = Array.from({ length: MOST_AT_REST }, (_, at) => idle(`s${at}`));
  for (const it of scripts.slice(0, -1)) known.put(session(it), false);
  assert.ok(known.sessions.has("left"));
  known.put(session(scripts.at(-1)!), false);
  assert.ok(!known.sessions.has("left"), "a turn that was left open does not work");
  assert.deepEqual([...known.sessions.keys()], ["works", "asks", ...scripts.map((it) => it.id)]);
  // What something happens in was seen last.
  const [first] = scripts;
  known.note(first!.put({ type: "SessionRenamed", title: "Another", face: "lsp" }).updates.at(-1) as Update);
  known.put(session(idle("more")), false);
  assert.ok(known.sessions.has("s0"));
  assert.ok(!known.sessions.has("s1"));
});

test("what was let go of and asks again is read again", () => {
  const known = new KnownSessions();
  const script = idle("s");
  known.put(session(script), false);
  for (let at = 0; at < MOST_AT_REST; at++) known.put(session(idle(`o${at}`)), false);
  assert.ok(!known.sessions.has("s"));
  assert.equal(known.note(script.prompt("Again.").updates.at(-1) as Update), false, "it is to be read");
  known.put(session(script), false);
  assert.equal(known.sessions.get("s")?.turnCount, 2);
});

test("what a turn works on that was left open is kept once it goes on", () => {
  const known = new KnownSessions();
  const script = new Script("left").prompt("Go.");
  known.put(session(script), true);
  const called = script.called(1).updates.at(-1) as Update;
  known.note(called);
  for (let at = 0; at <= MOST_AT_REST; at++) known.put(session(idle(`o${at}`)), false);
  assert.ok(known.sessions.has("left"));
});
