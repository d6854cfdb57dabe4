/** The card of a question: what is seen of it, and what keys do. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Script } from "../../webview/gallery/script";
import { type Page, page } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

async function asking(diff = "", more = {}): Promise<Page> {
  const script = new Script("s").prompt("Clean up.");
  script.reply({ calls: [["edit", {}]] }, { k: 10, cost: 0.01 });
  here = await page("s");
  await here.open(script.permission({ title: "Change app.py?", subject: "app.py", facts: [], diff }), more);
  return here;
}

test("Escape closes what says why, and the turn goes on", async () => {
  const shown = await asking();
  const card = shown.box.querySelector<HTMLElement>("[data-card]");
  const why = [...shown.box.querySelectorAll<HTMLElement>("[data-option]")].find((it) =>
    it.textContent.includes("say why"),
  );
  assert.ok(card && why);
  // What was just shown answers nothing yet: it says so itself when it does.
  while (!card.hasAttribute("data-armed")) await new Promise((resolve) => setTimeout(resolve, 10));
  why.click();
  await shown.painted();
  const words = shown.box.querySelector<HTMLElement>("textarea.words");
  assert.equal(document.activeElement, words);
  words?.dispatchEvent(
    new window.KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }),
  );
  await shown.painted();
  assert.equal(shown.box.querySelector("textarea.words"), null);
  assert.equal(document.activeElement, card);
  assert.deepEqual(shown.asked, []);
});

const showAll = (it: Page): HTMLElement | undefined =>
  [...it.box.querySelectorAll<HTMLElement>("[data-card] button.lk")].find(
    (one) => one.textContent === "Show all",
  );

test("a change that is too long for the card can be read in full before it is allowed", async () => {
  const lines = Array.from({ length: 40 }, (_, at) => `+line ${at}`).join("\n");
  const diff = `--- a/app.py\n+++ b/app.py\n@@ -0,0 +1,40 @@\n${lines}\n`;
  const shown = await asking(diff);
  assert.match(shown.box.querySelector("[data-card] .diff")?.textContent ?? "", /line 23 {2}16 more lines$/);
  showAll(shown)?.click();
  assert.deepEqual(shown.done, [["openOutput", { title: "Change app.py?", text: diff, language: "diff" }]]);
});

test("a change is read in full where one line of it is long, and needs no link where all of it is there", async () => {
  const change = (line: string): string => `--- a\n+++ b\n@@ -0,0 +1 @@\n+${line}\n`;
  assert.equal(showAll(await asking(change("short"))), undefined);
  here?.close();
  assert.ok(showAll(await asking(change("x".repeat(500)))));
});

test("where it cannot be answered, the card shows the change all the same", async () => {
  const shown = await asking("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n", { readOnly: true });
  const card = shown.box.querySelector(".waits.away");
  assert.match(card?.textContent ?? "", /cannot be answered here/);
  assert.deepEqual(
    [...(card?.querySelectorAll(".diff > div") ?? [])].map((it) => it.textContent),
    ["- old", "+ new"],
  );
  assert.equal(shown.box.querySelector("[data-option]"), null);
});

/** Answer with the first option, by a key on the card or by the mouse, once the card takes answers. */
async function answered(shown: Page, byKey: boolean): Promise<void> {
  const allow = shown.box.querySelector<HTMLElement>("[data-option]");
  const card = shown.box.querySelector<HTMLElement>("[data-card]");
  assert.ok(allow && card);
  while (shown.asked.length === 0) {
    if (byKey) card.dispatchEvent(new window.KeyboardEvent("keydown", { key: "1", bubbles: true }));
    else allow.dispatchEvent(new window.MouseEvent("click", { bubbles: true, detail: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(shown.asked[0]?.method, "postil/session/answer");
  await shown.answer({});
  await shown.painted();
}
const composer = (it: Page): HTMLElement | null => it.box.querySelector("textarea:not(.words)");
const toQuestion = async (shown: Page, fromEditor: boolean): Promise<void> => {
  shown.chat.host.receive({ type: "focus", target: "question", fromEditor });
  const onCard = (): boolean => document.activeElement?.hasAttribute("data-card") === true;
  for (let frame = 0; frame < 50 && !onCard(); frame++) await shown.painted();
  assert.ok(onCard());
};
const gaveBack = (it: Page): boolean => it.done.some(([command]) => command === "giveFocusBack");

test("an answer by a key gives the focus back to the composer, where it came from there", async () => {
  const shown = await asking();
  composer(shown)?.focus();
  await toQuestion(shown, false);
  await answered(shown, true);
  assert.ok(composer(shown));
  assert.equal(document.activeElement, composer(shown));
  assert.ok(!gaveBack(shown));
});

test("it gives it back to the editor, where it came from there, also when the window was left meanwhile", async () => {
  const shown = await asking();
  composer(shown)?.focus(); // as it is when the chat gets the focus, before the card does
  await toQuestion(shown, true);
  const card = document.activeElement;
  card?.dispatchEvent(new window.FocusEvent("focusin", { bubbles: true, relatedTarget: null }));
  await answered(shown, true);
  assert.ok(gaveBack(shown));
});

test("words and a click leave it in the chat, and who has gone on to something else stays there", async () => {
  let shown = await asking();
  await toQuestion(shown, true);
  await answered(shown, false);
  assert.equal(document.activeElement, composer(shown));
  assert.ok(!gaveBack(shown));
  shown.close();
  shown = await asking();
  await toQuestion(shown, true);
  const log = shown.box.querySelector<HTMLElement>(".talk");
  assert.ok(log);
  const gone = answered(shown, true);
  while (shown.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  log.focus();
  await gone;
  assert.equal(document.activeElement, log);
  assert.ok(!gaveBack(shown));
});
