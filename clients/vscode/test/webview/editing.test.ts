/** *Edit and resend*: the prompt comes back to be written again, and nothing that was being written is lost. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Script } from "../../webview/gallery/script";
import { type Page, page } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

function press(it: Page, title: string): void {
  const found = [...it.box.querySelectorAll<HTMLElement>("button")].filter(
    (one) => one.textContent === title,
  );
  assert.equal(found.length, 1, `${title} stands there once`);
  found[0]!.click();
}

test("what is written by then stays, below the prompt that comes back", async () => {
  here = await page("s");
  await here.open(new Script("s").prompt("Do it.").ended());
  here.chat.keep({ draft: "A long unsent draft." });
  here.chat.settings = { ...here.chat.settings!, confirmRewind: false };
  press(here, "Edit and resend");
  await here.answer({ plan: "p", files: [], left: [], commands: [], incomplete: false });
  assert.equal(here.asked.at(-1)?.method, "postil/session/rewind");
  await here.answer({});
  assert.equal(here.chat.kept.draft, "Do it.\nA long unsent draft.");
});
