/** What waits: for the model in a sub-agent, and for an answer that only another window can give. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Script } from "../../webview/gallery/script";
import { waitsBelow } from "../../webview/gallery/waits";
import { type Page, page, STATUS } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

const dock = (it: Page): string => it.box.querySelector(".dock")?.textContent ?? "";
const button = (it: Page, words: string): HTMLButtonElement | undefined =>
  [...it.box.querySelectorAll("button")].find((one) => one.textContent === words);

function asking(): Script {
  const script = new Script("s").prompt("Clean up.");
  script.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  return script.permission({ title: "Run this command?", subject: "rm -rf build", facts: [] });
}

test("a sub-agent's wait for the model is seen in the dock, and its next try is made from there", async () => {
  const [script, children] = waitsBelow();
  here = await page(script.id);
  for (const it of [...children, script]) await here.open(it);
  assert.match(dock(here), /explore: Rate limited\. Next try in (39|40) s/);
  assert.match(here.box.querySelectorAll(".entry.agent")[1]?.textContent ?? "", /waits for the model/);
  button(here, "Try now")?.click();
  await here.painted();
  assert.deepEqual(
    here.asked.map((it) => [it.method, it.params]),
    [["postil/session/retry", { sessionId: "below1" }]],
  );
  children[1]?.put({ type: "StageChanged", turn_id: "t1", stage: "thinking", detail: "", step: 1 });
  const [last] = children[1]?.updates.slice(-1) ?? [];
  assert.ok(last);
  here.chat.host.receive({ type: "updates", sessionId: "below1", updates: [last] });
  await here.painted();
  assert.match(dock(here), /2 agents working/);
});

test("a wait that is told beside the record is seen by who comes during it", async () => {
  const [script, children] = waitsBelow();
  const [wait] = children[1]?.updates.slice(-1) ?? [];
  assert.ok(wait);
  here = await page(script.id);
  await here.open(script);
  assert.match(dock(here), /2 agents working/);
  here.chat.host.receive({ type: "updates", sessionId: "below1", updates: [{ ...wait, after: 7 }] });
  await here.painted();
  assert.match(dock(here), /explore: Rate limited/);
  assert.equal(here.chat.announced, "explore: The service takes no more requests for now (429).");
  // What the sub-agent did before is asked for when its row is opened.
  here.box.querySelectorAll<HTMLElement>(".entry.agent button.row")[1]?.click();
  await here.painted();
  assert.equal(here.asked.at(-1)?.method, "postil/session/attach");
  await here.answer({ events: children[1]?.updates.slice(0, -1), passing: [wait] });
  assert.ok((here.chat.sessions.get("below1")?.entries.length ?? 0) > 0);
  assert.match(dock(here), /explore: Rate limited/);
});

test("a question of a session that was taken over stands there without answers, and with them again when it is taken back", async () => {
  here = await page("s");
  await here.open(asking());
  assert.equal(here.box.querySelectorAll("[data-card] [data-option]").length, 4);
  assert.match(dock(here), /Waiting for your answer/);
  await here.open(asking(), { readOnly: true });
  assert.equal(here.box.querySelectorAll("[data-card], [data-option]").length, 0);
  assert.match(here.box.querySelector(".waits")?.textContent ?? "", /rm -rf build.*cannot be answered here/s);
  assert.match(dock(here), /A question is open/);
  assert.doesNotMatch(dock(here), /Go to question|Waiting for your answer/);
  await here.open(asking());
  assert.equal(here.box.querySelectorAll("[data-card] [data-option]").length, 4);
});

test("what is asked in another window is not announced as if it could be answered here", async () => {
  here = await page("s");
  const script = asking();
  const before = new Script("s").prompt("Clean up.").reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  await here.open(before, { readOnly: true });
  const updates = script.updates.slice(before.updates.length);
  here.chat.host.receive({ type: "updates", sessionId: "s", updates });
  await here.painted();
  assert.equal(here.chat.announced, "A question is open elsewhere: run this command.");
});

test("what a sub-agent asks stands in the log, counts in the dock, is said, and is answered to the sub-agent", async () => {
  const [script, children] = waitsBelow();
  const [child] = children;
  assert.ok(child);
  here = await page(script.id);
  for (const it of [...children, script]) await here.open(it);
  child.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  child.permission({ title: "Run this command?", subject: "make clean", facts: [] });
  here.chat.host.receive({ type: "updates", sessionId: "below0", updates: child.updates.slice(-3) });
  await here.painted();
  assert.match(dock(here), /Waiting for your answer/);
  assert.equal(here.chat.announced, "Question of explore: run this command. Control K, Control Y to answer.");
  const cards = here.box.querySelectorAll<HTMLElement>(".entry.agent [data-card]");
  assert.equal(cards.length, 1, "its row is closed, and the card is there");
  assert.match(cards[0]?.textContent ?? "", /make clean/);
  here.box.querySelectorAll<HTMLElement>(".entry.agent button.row")[0]?.click();
  await here.painted();
  assert.equal(here.box.querySelectorAll("[data-card]").length, 1, "open, it is there once");
  // Nothing answers until the card has stood for a moment.
  const armed = performance.now() + 400;
  while (performance.now() < armed)
    await new Promise((resolve) => setTimeout(resolve, armed - performance.now()));
  here.box
    .querySelector<HTMLElement>("[data-card] [data-option=allow_once]")
    ?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
  await here.painted();
  const answer = here.asked.at(-1);
  assert.equal(answer?.method, "postil/session/answer");
  assert.equal(answer.params["sessionId"], "below0");
});

test("what a sub-agent asked before the view came up is asked for, and shown", async () => {
  const [script, children] = waitsBelow();
  const [, child] = children;
  assert.ok(child);
  child.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
  child.permission({ title: "Run this command?", subject: "make clean", facts: [] });
  here = await page(script.id);
  await here.open(script);
  assert.deepEqual(
    here.asked.map((it) => [it.method, it.params["sessionId"]]),
    [
      ["postil/session/attach", "below0"],
      ["postil/session/attach", "below1"],
    ],
  );
  await here.answer({ events: child.updates, passing: [] });
  assert.equal(here.box.querySelectorAll("[data-card]").length, 1);
  assert.match(dock(here), /Waiting for your answer/);
});

test("what a session out of view asks is one line of the dock that leads there", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt("Clean up."));
  assert.doesNotMatch(dock(here), /asks/);
  here.chat.host.receive({ type: "status", status: { ...STATUS, elsewhere: 1 } });
  await here.painted();
  assert.match(dock(here), /Another session asks/);
  assert.match(here.chat.announced, /^Another session asks\./);
  here.chat.announced = "";
  here.chat.host.receive({ type: "status", status: { ...STATUS, elsewhere: 1, trust: "restricted" } });
  assert.equal(here.chat.announced, "", "it is said once");
  button(here, "Go to question")?.click();
  assert.deepEqual(here.done.at(-1), ["goToQuestion", {}]);
});

test("to go to a question is to go to that one, and to none where its card is not there", async () => {
  const [script, children] = waitsBelow();
  for (const child of children) {
    child.reply({ calls: [["shell", {}]] }, { k: 10, cost: 0.01 });
    child.permission({ title: "Run this command?", subject: `make ${child.id}`, facts: [], id: child.id });
  }
  here = await page(script.id);
  await here.open(script);
  for (const { id, params } of [...here.asked]) {
    const below = children.find((it) => it.id === params["sessionId"]);
    here.chat.host.receive({ type: "response", id, result: { events: below?.updates, passing: [] } });
  }
  await here.painted();
  const cards = [...here.box.querySelectorAll<HTMLElement>("[data-card]")];
  assert.equal(cards.length, 2);
  const other = cards[1]?.dataset["card"] ?? "";
  assert.notEqual(other, cards[0]?.dataset["card"]);
  const goTo = async (questionId: string): Promise<void> => {
    here?.chat.host.receive({ type: "focus", target: "question", questionId });
    await here?.painted();
    for (let frame = 0; frame < 30; frame++) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  await goTo("answered meanwhile");
  assert.ok(!cards.includes(document.activeElement as HTMLElement), "keys would answer another question");
  await goTo(other);
  assert.equal(document.activeElement, cards[1]);
});

test("changes that are open in sessions out of view are said in the dock, with a way there", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt("Hello."));
  const told = async (unreviewed: { files: number; sessions: number } | null): Promise<string> => {
    const status = { ...STATUS, unreviewed: unreviewed && { sessionId: "before", ...unreviewed } };
    here?.chat.host.receive({ type: "status", status });
    await here?.painted();
    return here === undefined ? "" : dock(here);
  };
  assert.doesNotMatch(await told(null), /review/);
  assert.match(await told({ files: 3, sessions: 2 }), /3 files to review in 2 other sessions/);
  assert.match(await told({ files: 1, sessions: 1 }), /1 file to review in another session/);
  button(here, "Go to session")?.click();
  assert.deepEqual(here.done, [["openSession", { sessionId: "before" }]]);
});
