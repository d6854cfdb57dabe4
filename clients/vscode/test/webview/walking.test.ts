/** Going from prompt to prompt: no turn is left out, however far away it is and whatever of it is in the page. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Script } from "../../webview/gallery/script";
import { furnish, type Page, page } from "./page";

/** How tall a piece is here, and what of the conversation is seen at a time. */
const TALL = 100;
const VIEW = 150;

let here: Page | undefined;
let undo: () => void;
let top = 0;

/** Give pieces a height and the log a place, as a page with sizes does. */
beforeEach(() => {
  furnish();
  top = 0;
  const { prototype } = window.Element;
  const was = Object.getOwnPropertyDescriptors(prototype);
  const placeOf = (it: Element): number => {
    const piece = it.closest(".piece");
    return piece === null ? 0 : [...(piece.parentElement?.children ?? [])].indexOf(piece) * TALL;
  };
  prototype.getBoundingClientRect = function (this: Element) {
    const y = this.closest(".piece") === null ? 0 : placeOf(this) - top;
    return new window.DOMRect(0, y, 300, this.classList.contains("talk") ? VIEW : TALL);
  };
  prototype.scrollIntoView = function (this: Element) {
    const piece = this.closest(".piece");
    const all = (piece?.parentElement?.childElementCount ?? 0) * TALL;
    top = Math.max(0, Math.min(placeOf(this), all - VIEW));
    (was.scrollIntoView.value as (this: Element) => void).call(piece ?? this);
  };
  undo = () => void Object.defineProperties(prototype, was);
});
afterEach(() => {
  here?.close();
  undo();
});

/** Many turns, of which the first are folded, and of which every third has more lines than a piece. */
function long(): Script {
  const script = new Script("s");
  for (let turn = 1; turn <= 40; turn++) {
    script.prompt(`Prompt ${turn}`);
    for (let step = 0; step < (turn % 3 === 0 ? 15 : 1); step++)
      script.reply({ text: `Answer ${turn}.${step}` }, { k: 1, cost: 0 });
    script.ended();
  }
  return script;
}

const log = (it: Page): Element => it.box.querySelector(".talk")!;
const held = (): string =>
  document.activeElement?.matches("[data-prompt]") === true
    ? (document.activeElement.querySelector(".words")?.textContent ?? "")
    : "";

async function arrives(it: Page, words: string): Promise<void> {
  for (let round = 0; round < 50 && held() !== words; round++) await it.painted();
  assert.equal(held(), words);
}

function press(it: Page, key: "ArrowUp" | "ArrowDown"): void {
  const target = held() === "" ? log(it) : document.activeElement;
  target?.dispatchEvent(
    new window.KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, cancelable: true }),
  );
}

/** Scroll to where the beginning of a turn is just out of sight. */
function within(it: Page, turn: number): void {
  const pieces = [...it.box.querySelectorAll(".piece")];
  const place = pieces.findIndex((one) => one.textContent.includes(`Answer ${turn}.0`));
  assert.ok(place >= 0);
  top = place * TALL + 40;
}

test("keys go from each prompt to the next, up and down, whatever is in the page", async () => {
  here = await page("s");
  await here.open(long());
  assert.ok(here.box.querySelectorAll("[data-prompt]").length < 5, "most of it is far away");
  within(here, 40);
  for (let turn = 40; turn >= 1; turn--) {
    press(here, "ArrowUp");
    await arrives(here, `Prompt ${turn}`);
  }
  for (let turn = 2; turn <= 40; turn++) {
    press(here, "ArrowDown");
    await arrives(here, `Prompt ${turn}`);
  }
});

test("a key that comes before the last one has arrived goes one further", async () => {
  here = await page("s");
  await here.open(long());
  within(here, 40);
  for (let count = 0; count < 5; count++) press(here, "ArrowUp");
  await arrives(here, "Prompt 36");
});

test("the editor's commands go to the neighbour of what is seen", async () => {
  here = await page("s");
  await here.open(long());
  // Turns of long ago are folded: one piece each.
  top = 10 * TALL + 30;
  here.chat.host.receive({ type: "focus", target: "previousTurn" });
  await arrives(here, "Prompt 11");
  here.chat.host.receive({ type: "focus", target: "nextTurn" });
  await arrives(here, "Prompt 12");
});
