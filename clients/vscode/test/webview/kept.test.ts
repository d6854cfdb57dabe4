/** What outlives a reload, what is announced, and what is shown in figures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emptySession } from "../../src/session/model";
import { fold } from "../../src/session/store";
import { announcement, heardOf } from "../../webview/announcing";
import { clock, dollars, nameAndFolder, seconds, tokens } from "../../webview/format";
import { Script } from "../../webview/gallery/script";
import { nothingKept, pruned, readKept } from "../../webview/kept";
import { hunksOf } from "../../webview/inside";
import { measured } from "../../webview/view/meter";

test("what was kept is read, and anything else is as if it were not there", () => {
  const kept = {
    ...nothingKept(),
    sessionId: "s1",
    draft: "half a",
    open: { row: true },
    attachments: [],
  };
  assert.deepEqual(readKept(JSON.parse(JSON.stringify(kept))), kept);
  for (const broken of [null, 3, "x", [], { open: { a: 1 }, attachments: [null], draft: 3, fromEnd: -1 }]) {
    assert.deepEqual(readKept(broken), nothingKept());
  }
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`row ${at}`, true]));
  assert.equal(Object.keys(pruned(many)).length, 500);
});

test("questions and ends are announced once, in whole sentences", () => {
  const script = new Script("s").prompt("Go.").reply({ calls: [["shell", {}]] }, { k: 1, cost: 0 });
  const session = fold(script.updates);
  const working = announcement(heardOf(emptySession()), session, "Control K, Control Y", "questions+ends");
  assert.equal(working, "Working.");
  const before = heardOf(session);
  script.permission({ title: "Run this command?", subject: "rm -rf /" });
  fold(script.updates, session);
  const asked = announcement(before, session, "Control K, Control Y", "questions+ends");
  assert.equal(asked, "Question: run this command. Control K, Control Y to answer.");
  const waiting = heardOf(session);
  assert.equal(announcement(waiting, session, "", "questions+ends"), "");
  fold(script.ended("cancelled").updates, session);
  assert.equal(announcement(waiting, session, "", "questions+ends"), "Stopped.");
  assert.equal(announcement(waiting, session, "", "off"), "");
});

test("figures are as people read them", () => {
  assert.deepEqual([tokens(812), tokens(38_400), tokens(1_240_000)], ["812", "38k", "1.2M"]);
  assert.deepEqual([dollars(0.206), dollars(0.001), dollars(0)], ["$0.21", "<$0.01", "$0.00"]);
  assert.deepEqual(
    [seconds(0.01), seconds(0.3), seconds(6), seconds(75), seconds(300)],
    ["", "0.3 s", "6 s", "75 s", "5 min"],
  );
  assert.deepEqual(nameAndFolder("/p/src/a.py", ["/p"]), { name: "a.py", folder: "src" });
  assert.deepEqual(nameAndFolder("/q/a.py", ["/p", "/q"]), { name: "a.py", folder: "q" });
  const noon = new Date(2026, 10, 22, 12, 5);
  assert.equal(clock(noon.getTime() / 1_000, noon), "12:05");
  assert.equal(clock(noon.getTime() / 1_000 - 86_400, noon), "2026-11-21 12:05");
  assert.equal(clock(null), "");
});

test("a diff is cut into runs of changed lines, each with its place in the new text", () => {
  const diff = "--- a\n+++ b\n@@ -1,9 +1,9 @@ def f\n a\n-b\n+B\n c\n d\n+e\n f\n@@ -20,2 +21,1 @@\n x\n-y\n";
  const found = hunksOf(diff).map((it) => [it.line, it.added, it.removed, it.lines.join("|")]);
  assert.deepEqual(found, [
    [2, 1, 1, " a|-b|+B| c| d"],
    [5, 1, 0, " c| d|+e| f"],
    [22, 0, 1, " x|-y"],
  ]);
});

test("the meter says what is used of window and money", () => {
  const script = new Script("s").prompt("Go.").reply({ text: "Yes." }, { k: 148, cost: 1.88, cached: 131 });
  const it = measured(fold(script.updates));
  assert.deepEqual(
    [it.used, it.cached, it.window, it.cost, it.sessionMost],
    [148_000, 131_000, 200_000, 1.88, 2],
  );
  assert.equal(it.part, 0.94);
  assert.equal(measured(emptySession()).part, 0);
});
