/** A view that comes, or missed something, in the middle of an answer: it has all of it, once. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { Stamped } from "../../src/session/model";
import { Script } from "../../webview/gallery/script";
import { type Page, page } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

const delta = (script: Script, text: string): Script =>
  script.put({ type: "TextDelta", turn_id: "t1", step: 1, text });

async function tell(shown: Page, updates: Stamped[]): Promise<void> {
  shown.chat.host.receive({ type: "updates", sessionId: "s", updates });
  await shown.painted();
}

const prose = (shown: Page): (string | undefined)[] =>
  [...shown.box.querySelectorAll(".entry.prose")].map((it) => it.textContent.trim());

test("what was said before it came is passed with the record, and the rest goes on from there", async () => {
  const script = delta(new Script("s").prompt("Talk."), "One two ");
  here = await page("s");
  await here.open(script);
  await tell(here, delta(script, "three. ").updates.slice(-1));
  assert.deepEqual(prose(here), ["One two three."]);
});

test("what was heard before something was missed is not said twice", async () => {
  const script = delta(new Script("s").prompt("Talk."), "One ");
  here = await page("s");
  await here.open(script);
  const mode = { agent_type: "build", mode: "plan", model: "sonnet", trusted: true, trust: "" };
  script.put({ type: "ConfigurationInForce", ...mode });
  const [missed] = script.updates.slice(-1);
  script.put({ type: "ConfigurationInForce", ...mode, mode: "default" });
  await tell(here, delta(script, "two ").updates.slice(-2));
  const asked = here.asked.at(-1);
  assert.deepEqual([asked?.method, asked?.params["after"]], ["postil/session/attach", missed!.after - 1]);
  const events = script.updates.filter((it) => it.seq !== null && it.seq >= missed!.after);
  const [said] = delta(new Script("s"), "One two ").updates.slice(-1);
  const passing = [{ ...said!, after: script.updates.at(-1)!.after }];
  await here.answer({ sessionId: "s", seq: script.updates.at(-1)!.after, events, passing });
  await tell(here, delta(script, "three. ").updates.slice(-1));
  assert.deepEqual(prose(here), ["One two three."]);
});
