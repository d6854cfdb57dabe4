/** What goes on from the end of the last turn: *Check now*, *Try again*, *Go on*. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { VerificationEnded } from "../../src/protocol_gen";
import { Script } from "../../webview/gallery/script";
import { type Page, page, STATUS } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

const links = (it: Page): HTMLElement[] => [...it.box.querySelectorAll<HTMLElement>(".onward button")];
const titles = (it: Page): string[] => links(it).map((one) => one.textContent);

/** A turn that edited, and what was said of its edits; null where they are verified. */
function judged(reason: VerificationEnded["reason"]): Script {
  const script = new Script("s").prompt("Mend it.").edit("/w/a.py", 1, 1);
  const words = reason === null ? "verified: tests" : "not verified: so it is";
  return script
    .put({
      type: "VerificationEnded",
      turn_id: "t1",
      verified: reason === null,
      reason,
      words,
      evidence: [],
    })
    .ended();
}

test("edits that are not verified are checked now, at the server, and the offer goes while that runs", async () => {
  here = await page("s");
  const script = judged("stale");
  await here.open(script);
  assert.deepEqual(titles(here), ["Check now"]);
  links(here)[0]!.click();
  const { method, params } = here.asked.at(-1)!;
  assert.deepEqual([method, params], ["postil/session/check", { sessionId: "s" }]);
  await here.answer({ sessionId: "s", turnId: "t2", queued: false });
  await here.open(judged("stale").prompt("Check what was edited."));
  assert.deepEqual(titles(here), []);
});

test("it is offered where a check may tell more, and nowhere else", async () => {
  for (const [reason, want] of [
    ["failed", ["Check now"]],
    ["not_run", ["Check now"]],
    ["stopped", ["Check now"]],
    ["commands", ["Check now"]],
    ["no_check", []],
    ["not_covered", []],
    ["no_shell", []],
    [null, []],
  ] as const) {
    here = await page("s");
    await here.open(judged(reason));
    assert.deepEqual(titles(here), want, String(reason));
    here.close();
  }
  here = await page("s");
  await here.open(judged("stale"), { readOnly: true });
  assert.deepEqual(titles(here), [], "another window has it");
});

test("work that gave up is tried again, and work that a limit ended goes on", async () => {
  for (const [reason, want] of [
    ["failed", ["Try again"]],
    ["max_turn_requests", ["Go on"]],
    ["max_tokens", ["Go on"]],
    ["budget_exhausted", ["Go on"]],
    ["end_turn", []],
    ["cancelled", []],
    ["refusal", []],
  ] as const) {
    here = await page("s");
    await here.open(new Script("s").prompt("Go.").ended(reason, "Gave up after 6 tries."));
    assert.deepEqual(titles(here), want, reason);
    if (reason === "failed") {
      links(here)[0]!.click();
      const { method, params } = here.asked.at(-1)!;
      assert.deepEqual([method, params], ["postil/session/resume", { sessionId: "s" }]);
    }
    here.close();
  }
});

test("only the end of the last turn offers anything", async () => {
  here = await page("s");
  await here.open(judged("stale").prompt("And then?").ended());
  assert.deepEqual(titles(here), []);
});

test("a turn that was to check alone is tried again by checking, and asks no model", async () => {
  here = await page("s");
  const script = new Script("s").prompt("Mend it.").edit("/w/a.py", 1, 1).ended();
  const prompt = script.prompt("Check what was edited.").updates.map((it) => it.event);
  const asked = prompt.findLast((it) => it.type === "PromptReceived");
  assert.ok(asked);
  asked.checks = true;
  await here.open(script.ended("failed", "It broke."));
  assert.deepEqual(titles(here), ["Check now"]);
  links(here)[0]!.click();
  assert.equal(here.asked.at(-1)?.method, "postil/session/check");
});

test("where the key was not accepted another can be set, and then it is tried again", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt("Go.").ended("failed"));
  assert.deepEqual(titles(here), ["Try again"]);
  here.chat.host.receive({ type: "status", status: { ...STATUS, key: "rejected" } });
  await here.painted();
  assert.deepEqual(titles(here), ["Set API key…", "Try again"]);
  links(here)[0]!.click();
  assert.deepEqual(here.done, [["setKey", {}]]);
  here.chat.host.receive({ type: "status", status: STATUS });
  await here.painted();
  assert.deepEqual(titles(here), ["Try again"]);
});
