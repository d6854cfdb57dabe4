/** Deltas are joined on their way to the webview, and the chat comes to the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { merged } from "../../src/chat/merging";
import type { Update } from "../../src/protocol_gen";
import { fold } from "../../src/session/store";
import { poisoned } from "../webview/hostile";

function delta(text: string, more: Record<string, unknown> = {}, after = 4): Update {
  const event = { type: "TextDelta", v: 1, turn_id: "t0001", step: 1, text, ...more };
  return { sessionId: "s0001", seq: null, after, at: null, event } as unknown as Update;
}

test("pieces of one text are one piece", () => {
  const updates = Array.from({ length: 5_000 }, (_, place) => delta(`${place} `));
  const all = merged(updates);
  assert.equal(all.length, 1);
  assert.deepEqual(updates[0], delta("0 "), "what came stays as it came");
  const [one] = all;
  assert.ok(one?.event.type === "TextDelta" && one.event.text.endsWith("4998 4999 "));
});

test("pieces of another step, turn, kind, time or session stay apart", () => {
  const thinking = delta("a", { type: "ThinkingDelta" });
  const elsewhere = { ...delta("a"), sessionId: "s0002" };
  const all = [
    delta("a"),
    delta("b", { step: 2 }),
    delta("c", { turn_id: "t2" }),
    thinking,
    delta("a", {}, 5),
    elsewhere,
  ];
  assert.deepEqual(merged(all), all);
});

test("the fold is the same with joined deltas", () => {
  const updates = poisoned("ephemeral", " a").flatMap((it) => [it, it]) as Update[];
  const shown = (all: readonly Update[]): unknown =>
    fold(all).entries.map((it) => ("items" in it ? it.items : []));
  const strip = (value: unknown): string =>
    JSON.stringify(value, (name, it: unknown) => (name === "rev" ? 0 : it));
  assert.equal(strip(shown(merged(updates))), strip(shown(updates)));
});
