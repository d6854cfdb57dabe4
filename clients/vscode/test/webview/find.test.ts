/** Finding in a conversation: all of its lines, whatever is in the page, and words stay words. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { MOST, countOf, from, type Match, patternOf, placeOf, step } from "../../webview/find/matches";
import { plain } from "../../webview/find/words";
import { Script } from "../../webview/gallery/script";
import { HOSTILE } from "./hostile";
import { type Page, page } from "./page";

const match = (key: string, ordinal = 0): Match => ({ key, turnId: "t", ordinal });
const times = (query: string, text: string): number => text.match(patternOf(query) ?? /$^/)?.length ?? 0;

test("words are found whatever their case and the white space between them, and no word is a pattern", () => {
  assert.equal(times("Parse HEADER", "parse  header, parse\nheader, parseheader"), 2);
  assert.equal(times("a.c", "abc a.c"), 1);
  for (const word of ["(", "[x", "a-b", "\\", "$^", "{1}", "a/b", "|", "?", "*", "<script>"])
    assert.equal(times(word, `x ${word} y ${word}`), 2, word);
  assert.equal(times("istanbul", "İSTANBUL istanbul"), 1);
  assert.equal(patternOf("  \n "), null);
  assert.equal(times("x".repeat(9_000), "x".repeat(500)), 1, "what is longer than anybody writes is cut");
});

test("prose is looked through as it is read, code as it is written", () => {
  const source =
    "## Where\nThe **header** of `app.py` is in [the parser](src/a.py), 2 * 3 * 4.\n```py\na = **b\n```\n*so*";
  assert.equal(plain(source), "Where\nThe header of app.py is in the parser, 2 * 3 * 4.\n\na = **b\n\nso");
  const long = `${"`a` **b** ".repeat(20_000)}\`\`\`\n${"x\n".repeat(20_000)}`;
  const began = performance.now();
  plain(long);
  assert.ok(performance.now() - began < 2_000, "nothing in it stalls");
});

test("a walk goes round at the ends, and a place stays while others come", () => {
  const all = [match("a"), match("a", 1), match("b")];
  assert.deepEqual(step(all, 0, 1), all[1]);
  assert.deepEqual(step(all, 2, 1), all[0]);
  assert.deepEqual(step(all, 0, -1), all[2]);
  assert.deepEqual(step(all, -1, 1), all[0]);
  assert.deepEqual(step(all, -1, -1), all[2]);
  assert.equal(step([], -1, 1), null);
  assert.equal(placeOf([match("new"), ...all], all[1] ?? null), 2);
  assert.equal(placeOf(all, match("a", 7)), 1, "of a line that has fewer by now, its last");
  assert.equal(placeOf(all, match("gone")), -1);
  assert.equal(countOf(all, 1), "2 of 3");
  assert.equal(countOf([], -1), "No results");
  assert.equal(
    countOf(
      Array.from({ length: MOST }, () => match("a")),
      0,
    ),
    `1 of ${MOST}+`,
  );
});

test("what is found first is what comes after what is in sight", () => {
  const lines = ["a", "b", "c"].map((key) => ({ key })) as unknown as Parameters<typeof from>[0];
  assert.deepEqual(from(lines, [match("a"), match("c")], "b"), match("c"));
  assert.deepEqual(from(lines, [match("a")], "b"), match("a"));
  assert.equal(from(lines, [], "b"), null);
});

let here: Page | undefined;
const marked = new Map<string, { ranges: Range[] }>();

beforeEach(() => {
  marked.clear();
  class Marked {
    readonly ranges: Range[];
    constructor(...ranges: Range[]) {
      this.ranges = ranges;
    }
  }
  Object.assign(globalThis, { CSS: { highlights: marked }, Highlight: Marked });
});
afterEach(() => here?.close());

const found = (): string[] => marked.get("postil-found")?.ranges.map((it) => it.toString()) ?? [];
const gone = (): string =>
  marked
    .get("postil-found-here")
    ?.ranges.map((it) => it.toString())
    .join() ?? "";
const row = (it: Page): HTMLElement | null => it.box.querySelector(".find");
const count = (it: Page): string => row(it)?.querySelector(".num")?.textContent ?? "";

/** Wait until what was gone to is marked: a place that is far away is drawn first. */
async function arrives(it: Page, words: string): Promise<void> {
  for (let round = 0; round < 50 && gone().toLowerCase() !== words.toLowerCase(); round++) await it.painted();
  assert.equal(gone().toLowerCase(), words.toLowerCase());
}

function press(target: Element | null | undefined, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target?.dispatchEvent(event);
  return event;
}

async function look(it: Page, words: string): Promise<void> {
  const input = row(it)?.querySelector("input");
  assert.ok(input);
  input.value = words;
  input.dispatchEvent(new window.Event("input", { bubbles: true }));
  await it.painted();
}

/** A conversation whose first turns are folded, with words in answers and in what a row shows when it is open. */
function long(): Script {
  const script = new Script("s");
  for (let turn = 1; turn <= 20; turn++) {
    script
      .prompt(`Prompt ${turn}`)
      .reply({ text: `The **need**le of ${turn}.`, calls: [["shell", {}]] }, { k: 1, cost: 0 })
      .call("execute", "make", {
        tool: "shell",
        command: `make ${turn}`,
        content: `haystack ${turn}\nNeedle inside`,
      })
      .reply({ text: "One." }, { k: 1, cost: 0 })
      .reply({ text: "Two." }, { k: 1, cost: 0 })
      .ended();
  }
  return script;
}

test("everything is counted and walked through, in turns that are folded and rows that are closed too", async () => {
  here = await page("s");
  await here.open(long());
  assert.ok(!here.box.textContent.includes("needle of 3."), "the turn is folded");
  const event = press(here.box.querySelector(".talk"), "f", { ctrlKey: true });
  assert.equal(event.defaultPrevented, true);
  await here.painted();
  assert.equal(document.activeElement, row(here)?.querySelector("input"));
  await look(here, "needle");
  assert.equal(count(here), "1 of 40");
  assert.equal(here.chat.announced, "1 of 40");
  await arrives(here, "needle");
  assert.ok(here.box.textContent.includes("The needle of 1."), "the turn is unfolded");
  assert.ok(found().length >= 1 && found().every((it) => it.toLowerCase() === "needle"));
  const input = row(here)?.querySelector("input");
  press(input, "Enter");
  await here.painted();
  assert.equal(count(here), "2 of 40");
  await arrives(here, "needle");
  assert.equal(gone(), "Needle", "the row is opened");
  press(input, "Enter", { shiftKey: true });
  press(input, "Enter", { shiftKey: true });
  await here.painted();
  assert.equal(count(here), "40 of 40");
  press(input, "F3");
  await here.painted();
  assert.equal(count(here), "1 of 40");
  row(here)?.querySelector<HTMLElement>('button[aria-label^="Next match"]')?.click();
  await here.painted();
  assert.equal(count(here), "2 of 40");
});

test("Escape closes it, gives the focus back, and stops nothing", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt("Go.").reply({ text: "Words here." }, { k: 1, cost: 0 }));
  const composer = here.box.querySelector<HTMLTextAreaElement>(".composer textarea");
  composer?.focus();
  press(composer, "F", { ctrlKey: true });
  await here.painted();
  await look(here, "words");
  assert.deepEqual(found(), ["Words"]);
  press(row(here)?.querySelector("input"), "Escape");
  await here.painted();
  assert.equal(row(here), null);
  assert.equal(document.activeElement, composer);
  assert.equal(marked.size, 0, "nothing stays marked");
  assert.deepEqual(here.asked, [], "the turn goes on");
});

test("the editor's command opens it once, and does not select what is typed since", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt("Go.").reply({ text: "Words." }, { k: 1, cost: 0 }).ended());
  here.chat.host.receive({ type: "focus", target: "find" });
  await here.painted();
  const input = row(here)?.querySelector("input");
  assert.equal(document.activeElement, input);
  await look(here, "wor");
  input?.setSelectionRange(3, 3);
  here.chat.host.receive({ type: "focus", target: "find" });
  await here.painted();
  assert.deepEqual([input?.selectionStart, input?.selectionEnd], [3, 3]);
  press(input, "f", { ctrlKey: true });
  await here.painted();
  assert.deepEqual([input?.selectionStart, input?.selectionEnd], [0, 3]);
});

test("what comes while it is open is counted, and the place stays", async () => {
  here = await page("s");
  const script = new Script("s").prompt("One word.").reply({ text: "A word." }, { k: 1, cost: 0 });
  const before = script.updates.length;
  await here.open(script);
  press(here.box.querySelector(".talk"), "f", { ctrlKey: true });
  await here.painted();
  await look(here, "word");
  assert.equal(count(here), "1 of 2");
  script.reply({ text: "Another word, and a word." }, { k: 1, cost: 0 });
  here.chat.host.receive({ type: "updates", sessionId: "s", updates: script.updates.slice(before) });
  await here.painted();
  assert.equal(count(here), "1 of 4");
  await arrives(here, "word");
});

test("hostile words are found as words, and looked for as words", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt(HOSTILE).reply({ text: HOSTILE }, { k: 1, cost: 0 }).ended());
  press(here.box.querySelector(".talk"), "f", { ctrlKey: true });
  await here.painted();
  for (const words of ["<script>window.pwned=1</script>", "\\u202egpj.exe", "onerror="]) {
    await look(here, words);
    assert.match(count(here), /^\d+ of \d+$/, words);
    await arrives(here, words);
  }
  await look(here, '"><img src=x onerror=window.pwned=99>');
  assert.equal(count(here), "No results");
  assert.equal(here.box.querySelectorAll("img, script, iframe").length, 0);
  assert.equal((window as { pwned?: number }).pwned, undefined);
});

test("what a closed row shows when it is open is found there: changed lines, and what a tool was given", async () => {
  const diff = "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-x = old\n+x = shiny\n y = 1\n";
  const script = new Script("s").prompt("Go.").reply(
    {
      calls: [
        ["edit", {}],
        ["fetch", { address: "https://shiny.example" }],
      ],
    },
    { k: 1, cost: 0 },
  );
  script.edit("a.py", 1, 1, diff).call("fetch", "Fetch a page", { tool: "fetch" }).ended();
  here = await page("s");
  await here.open(script);
  assert.doesNotMatch(here.box.textContent, /shiny/);
  press(here.box.querySelector(".talk"), "f", { ctrlKey: true });
  await here.painted();
  await look(here, "SHINY");
  assert.equal(count(here), "1 of 2");
  await arrives(here, "shiny");
  assert.equal(here.box.querySelector(".diff .add")?.textContent, "+ x = shiny");
  press(row(here)?.querySelector("input"), "Enter");
  await here.painted();
  assert.equal(count(here), "2 of 2");
  await arrives(here, "shiny");
  assert.equal(here.box.querySelector("dd")?.textContent, "https://shiny.example");
});
