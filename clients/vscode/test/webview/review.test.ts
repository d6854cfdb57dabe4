/** Keeping and undoing in the chat: what is settled, wherever that was, has nothing left to be done with it. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Script } from "../../webview/gallery/script";
import { type Page, page } from "./page";

let here: Page | undefined;
afterEach(() => here?.close());

const DIFF = "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-x = 1\n+x = 2\n y = 1\n";

const links = (it: Page, where: string): string[] =>
  [...it.box.querySelectorAll(`${where} button.lk`)].map((one) => one.textContent);

async function edited(): Promise<[Page, Script]> {
  const script = new Script("s").prompt("Go.").reply({ calls: [["edit", {}]] }, { k: 1, cost: 0 });
  script.edit("a.py", 1, 1, DIFF).put({ type: "TurnEnded", turn_id: "t1", reason: "end_turn", message: "" });
  const shown = await page("s");
  await shown.open(script);
  shown.box.querySelector<HTMLElement>(".entry.change button.row")?.click();
  await shown.painted();
  return [shown, script];
}

test("what another editor keeps can be neither kept nor undone here any more", async () => {
  const [shown, script] = await edited();
  here = shown;
  assert.deepEqual(links(here, ".hunks"), ["Open diff", "Keep", "Undo"]);
  assert.deepEqual(links(here, ".bar.files"), ["Review", "Keep all", "Undo all"]);
  const change = script.updates.map((it) => it.event).find((it) => it.type === "FileChanged");
  assert.ok(change);
  script.put({ type: "ChangesKept", change_ids: [change.change_id], paths: [], face: "acp" });
  here.chat.host.receive({ type: "updates", sessionId: "s", updates: script.updates.slice(-1) });
  await here.painted();
  assert.deepEqual(links(here, ".hunks"), ["Open diff"]);
  assert.deepEqual(links(here, ".bar.files"), []);
});

test("what is kept in the editor beside it goes from the row that is open", async () => {
  const [shown, script] = await edited();
  here = shown;
  const change = script.updates.map((it) => it.event).find((it) => it.type === "FileChanged");
  assert.ok(change);
  const open = [{ changeId: change.change_id, path: change.path }];
  here.chat.host.receive({ type: "review", sessionId: "s", open, counts: [] });
  await here.painted();
  [...here.box.querySelectorAll<HTMLElement>(".hunks button.lk")]
    .find((it) => it.textContent === "Keep")
    ?.click();
  assert.deepEqual(here.done, [
    ["keep", { sessionId: "s", changeId: change.change_id, path: change.path, hunk: 1 }],
  ]);
  here.chat.host.receive({ type: "review", sessionId: "s", open: [], counts: [] });
  await here.painted();
  assert.deepEqual(links(here, ".hunks"), ["Open diff"]);
});

test("a session that another window has offers nothing to keep or undo", async () => {
  const script = new Script("s").prompt("Go.").reply({ calls: [["edit", {}]] }, { k: 1, cost: 0 });
  here = await page("s");
  await here.open(script.edit("a.py", 1, 1, DIFF), { readOnly: true });
  here.box.querySelector<HTMLElement>(".entry.change button.row")?.click();
  await here.painted();
  assert.deepEqual(links(here, ".hunks"), ["Open diff"]);
});

test("a hunk can be kept or undone until the editor says that it is, and again where it could not be", async () => {
  const [shown, script] = await edited();
  here = shown;
  const change = script.updates.map((it) => it.event).find((it) => it.type === "FileChanged");
  assert.ok(change);
  const ids = { sessionId: "s", changeId: change.change_id, path: change.path, hunk: 1 };
  const undo = async (): Promise<void> => {
    [...shown.box.querySelectorAll<HTMLElement>(".hunks button.lk")]
      .find((it) => it.textContent === "Undo")
      ?.click();
    await shown.painted();
  };
  const settled = async (done: boolean): Promise<void> => {
    shown.chat.host.receive({ type: "settled", ...ids, done });
    await shown.painted();
  };
  await undo();
  await undo();
  assert.deepEqual(shown.done, [["undo", ids]]);
  assert.deepEqual(links(shown, ".hunks"), ["Open diff", "Keep", "Undo"]);
  await settled(false);
  await undo();
  assert.equal(shown.done.length, 2);
  await settled(true);
  assert.deepEqual(links(shown, ".hunks"), ["Open diff"]);
});

test("the dock says by how many lines files differ as soon as that is known", async () => {
  const [shown, script] = await edited();
  here = shown;
  const change = script.updates.map((it) => it.event).find((it) => it.type === "FileChanged");
  assert.ok(change);
  const { path, change_id: changeId } = change;
  const told = async (net: { added: number; removed: number } | null): Promise<string | undefined> => {
    const counts = [{ path, net }];
    shown.chat.host.receive({ type: "review", sessionId: "s", open: [{ changeId, path }], counts });
    await shown.painted();
    return shown.box.querySelector(".bar.files .grow")?.textContent;
  };
  assert.equal(await told(null), "1 file ");
  assert.equal(await told({ added: 2, removed: 0 }), "1 file 2 added+2");
});
