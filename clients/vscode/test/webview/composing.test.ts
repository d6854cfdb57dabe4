/** The box where a prompt is written: what is attached to it. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { Attached } from "../../src/chat/messages";
import { Script } from "../../webview/gallery/script";
import { nothingKept, readKept } from "../../webview/kept";
import { furnish, type Page, page } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

function attached(label: string, path: string, lines: [number, number] = [0, 0]): Attached {
  const [first_line, last_line] = lines;
  const kind = last_line === 0 ? "file" : "selection";
  return { label, context: { kind, path, text: "", first_line, last_line, name: "", note: "", sources: [] } };
}

const chips = (it: Page): string[] =>
  [...it.box.querySelectorAll(".composer .chip")].map((one) => one.textContent);

test("files of the same name are attached one beside the other, called so that they are told apart", async () => {
  here = await page("s");
  const attach = async (...items: Attached[]): Promise<void> => {
    here?.chat.host.receive({ type: "attach", items });
    await here?.painted();
  };
  await attach(attached("__init__.py", "/w/a/__init__.py"));
  assert.deepEqual(chips(here), ["__init__.py"]);
  await attach(attached("__init__.py", "/w/b/__init__.py"), attached("__init__.py", "/w/a/__init__.py"));
  assert.deepEqual(chips(here), ["a/__init__.py", "b/__init__.py"]);
  await attach(attached("app.py:3-4", "app.py", [3, 4]), attached("app.py:7", "lib/app.py", [7, 7]));
  assert.deepEqual(
    chips(here).slice(2),
    ["app.py:3-4", "lib/app.py:7"],
    "other lines do not tell them apart",
  );
  here.box.querySelector<HTMLElement>("[aria-label='Remove b/__init__.py']")?.click();
  await here.painted();
  assert.deepEqual(chips(here), ["__init__.py", "app.py:3-4", "lib/app.py:7"]);
});

test("a review of the person's changes is a prompt that they see before they send it", async () => {
  here = await page("s");
  const offer = [...here.box.querySelectorAll<HTMLElement>(".empty button")].find(
    (it) => it.textContent === "Review my changes",
  );
  offer?.click();
  await here.painted();
  const box = here.box.querySelector<HTMLTextAreaElement>("textarea.text");
  assert.match(box?.value ?? "", /^Review my changes that are not committed/);
  assert.equal(document.activeElement, box);
  assert.deepEqual([here.asked, here.done], [[], []]);
});

const box = (it: Page): HTMLTextAreaElement => it.box.querySelector("textarea.text")!;
const works = (id: string): Script =>
  new Script(id).prompt("Go.").reply({ text: "On it." }, { k: 1, cost: 0 });

async function type(it: Page, words: string): Promise<void> {
  box(it).value = words;
  box(it).dispatchEvent(new window.Event("input", { bubbles: true }));
  await it.painted();
}

function press(it: Page, key: string, more: KeyboardEventInit = {}): void {
  box(it).dispatchEvent(
    new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );
}

test("what is written in a session stays in it, over a reload too, and what is written in none goes along", async () => {
  here = await page("s");
  await type(here, "Before any.");
  await here.open(works("s").ended());
  assert.equal(box(here).value, "Before any.");
  here.chat.host.receive({ type: "attach", items: [attached("a.py", "/w/a.py")] });
  await here.open(works("t").ended());
  assert.deepEqual([box(here).value, chips(here)], ["", []]);
  await type(here, "For t.");
  assert.deepEqual(readKept(JSON.parse(JSON.stringify(here.chat.kept))), here.chat.kept);
  await here.open(works("s").ended());
  assert.deepEqual([box(here).value, chips(here)], ["Before any.", ["a.py"]]);
  here.chat.host.receive({
    type: "init",
    version: "0",
    mac: false,
    sessionId: null,
    status: here.chat.status!,
    settings: here.chat.settings!,
  });
  await here.painted();
  assert.deepEqual(
    [box(here).value, chips(here)],
    ["Before any.", ["a.py"]],
    "words outlive the session that is gone",
  );
  await here.open(works("t").ended());
  assert.equal(box(here).value, "For t.\nBefore any.");
  const broken = {
    ...nothingKept(),
    written: { a: { draft: 3 }, b: null, c: { draft: "c", attachments: [1] } },
  };
  assert.deepEqual(readKept(broken).written, { c: { draft: "c", attachments: [] } });
});

test("words that could not be sent come back in the session that they were for", async () => {
  here = await page("s");
  await here.open(works("s").ended());
  await type(here, "For s.");
  press(here, "Enter");
  await here.painted();
  const { id } = here.asked.at(-1)!;
  await here.open(works("t").ended());
  here.chat.host.receive({ type: "response", id, error: "The line is down." });
  await here.painted();
  assert.equal(box(here).value, "");
  await here.open(works("s").ended());
  assert.equal(box(here).value, "For s.");
});

test("what is sent while the server starts is sent once it is there, unless it is changed or held back before", async () => {
  here = await page("s");
  await here.open(works("s").ended());
  const stands = async (server: "starting" | "restarting" | "ready" | "failed"): Promise<void> => {
    here!.chat.host.receive({ type: "status", status: { ...here!.chat.status!, server } });
    await here!.painted();
  };
  const held = (): boolean =>
    here!.box.querySelector(".dock")!.textContent.includes("Sent when the server is there");
  const send = async (words: string): Promise<void> => {
    await type(here!, words);
    press(here!, "Enter");
    await here!.painted();
  };
  await stands("restarting");
  await send("Is it there?");
  assert.deepEqual([here.asked.length, held(), box(here).value], [0, true, "Is it there?"]);
  await stands("starting");
  assert.ok(held(), "one start goes over into another");
  await type(here, "Is it there, then?");
  assert.equal(held(), false);
  await send("Held back");
  [...here.box.querySelectorAll<HTMLElement>(".dock a, .dock button")]
    .find((it) => it.textContent === "Hold back")
    ?.click();
  await here.painted();
  assert.equal(held(), false);
  await stands("ready");
  assert.equal(here.asked.length, 0);
  await stands("starting");
  await send("It fails");
  await stands("failed");
  assert.deepEqual([here.asked.length, held(), box(here).value], [0, false, "It fails"]);
  assert.match(here.box.querySelector(".dock")!.textContent, /What you wrote stays/);
  await stands("starting");
  await send("Go");
  await stands("ready");
  assert.deepEqual(
    here.asked.map((it) => [it.method, it.params["text"]]),
    [["postil/session/prompt", "Go"]],
  );
  assert.deepEqual([held(), box(here).value], [false, ""]);
});

test("stop is there as long as the agent works, whatever is written", async () => {
  here = await page("s");
  await here.open(works("s"));
  const tool = (name: string): HTMLElement | null =>
    here!.box.querySelector(`.foot [aria-label^="${name}"], .foot [label^="${name}"]`);
  assert.ok(tool("Stop"));
  assert.equal(tool("Queue"), null);
  await type(here, "And then");
  assert.ok(tool("Queue"));
  tool("Stop")?.click();
  assert.deepEqual(here.asked.at(-1)?.method, "postil/session/cancel");
});

test("Escape stops the agent, and while an input method is at work it does not", async () => {
  here = await page("s");
  await here.open(works("s"));
  press(here, "Escape", { isComposing: true });
  assert.equal(here.asked.length, 0);
  press(here, "Escape");
  assert.equal(here.asked.at(-1)?.method, "postil/session/cancel");
});

test("the prompt before comes back with what was attached to it, beside what is attached by now", async () => {
  here = await page("s");
  const lines = { path: "/w/a.py", first_line: 3, last_line: 4 };
  await here.open(new Script("s").prompt("Look.", [lines]).ended());
  here.chat.host.receive({ type: "attach", items: [attached("b.py", "/w/b.py")] });
  await here.painted();
  press(here, "ArrowUp");
  await here.painted();
  assert.deepEqual([box(here).value, chips(here)], ["Look.", ["b.py", "a.py:3-4"]]);
});

test("the box is as high as its words at any width", async () => {
  furnish();
  const watched: (() => void)[] = [];
  const plain = globalThis.ResizeObserver;
  globalThis.ResizeObserver = class {
    constructor(private readonly told: () => void) {}
    observe(element: Element): void {
      if (element.matches("textarea")) watched.push(this.told);
    }
    disconnect(): void {
      // It is asked by nobody.
    }
    unobserve(): void {
      // One element each.
    }
  } as unknown as typeof ResizeObserver;
  try {
    here = await page("s");
  } finally {
    globalThis.ResizeObserver = plain;
  }
  let width = 300;
  Object.defineProperty(box(here), "clientWidth", { get: () => width });
  Object.defineProperty(box(here), "scrollHeight", { get: () => 6_000 / width });
  await type(here, "Many words");
  assert.equal(box(here).style.height, "20px");
  width = 100;
  for (const told of watched) told();
  assert.equal(box(here).style.height, "60px");
  width = 600;
  for (const told of watched) told();
  assert.equal(box(here).style.height, "10px");
});
