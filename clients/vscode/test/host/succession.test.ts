/** Whether a server that is restarted several times at once is one server at any time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Life, Succession } from "../../src/client/succession";

const PATIENCE = 60_000;

/** Lives that begin and end when the test says so; what they do is written down. */
class World {
  readonly log: string[] = [];
  readonly gates = new Map<string, () => void>();
  private made = 0;

  life(): Life {
    const name = String(++this.made);
    return { begin: () => this.step(`begin ${name}`), end: () => this.step(`end ${name}`) };
  }

  /** Lets a step that has begun be over, and all that follows from it by itself happen. */
  async over(step: string): Promise<void> {
    const open = this.gates.get(step);
    assert.ok(open, `${step} is not under way, but ${[...this.gates.keys()].join(", ")}`);
    this.gates.delete(step);
    open();
    await settle();
  }

  private step(name: string): Promise<void> {
    this.log.push(name);
    return new Promise((resolve) => this.gates.set(name, resolve));
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a restart that is asked for while the old one ends is that restart", async () => {
  const world = new World();
  const all = new Succession(PATIENCE);
  const next = (): Promise<void> => all.begin(world.life());
  const first = next();
  await world.over("begin 1");
  await first;
  const one = all.renew(next);
  const other = all.renew(next);
  await settle();
  assert.deepEqual(world.log, ["begin 1", "end 1"]);
  await world.over("end 1");
  await world.over("begin 2");
  await Promise.all([one, other]);
  assert.deepEqual(world.log, ["begin 1", "end 1", "begin 2"]);
});

test("a restart that is asked for while the new one begins follows it once, and ends it only when it has begun", async () => {
  const world = new World();
  const all = new Succession(PATIENCE);
  const next = (): Promise<void> => all.begin(world.life());
  const first = all.renew(next);
  await settle();
  const more = [all.renew(next), all.renew(next), all.renew(next)];
  await settle();
  assert.deepEqual(world.log, ["begin 1"]);
  await world.over("begin 1");
  await world.over("end 1");
  await world.over("begin 2");
  await Promise.all([first, ...more]);
  assert.deepEqual(world.log, ["begin 1", "end 1", "begin 2"]);
});

test("one that fails to begin is ended too, and the next follows", async () => {
  const world = new World();
  const all = new Succession(PATIENCE);
  const broken = { begin: () => Promise.reject(new Error("broken")), end: () => Promise.resolve() };
  await assert.rejects(all.begin(broken), /broken/);
  const again = all.renew(() => all.begin(world.life()));
  await settle();
  await world.over("begin 1");
  await again;
  assert.deepEqual(world.log, ["begin 1"]);
});

test("one that never comes to its beginning does not hold up the next, and ends when it has begun after all", async () => {
  const world = new World();
  const all = new Succession(1);
  const hangs = all.begin(world.life());
  const again = all.renew(() => all.begin(world.life()));
  while (!world.log.includes("begin 2")) {
    await settle();
  }
  assert.deepEqual(world.log, ["begin 1", "begin 2"]);
  await world.over("begin 1");
  await hangs;
  assert.deepEqual(world.log, ["begin 1", "begin 2", "end 1"]);
  await world.over("begin 2");
  await again;
});

test("two that want the end wait for one end", async () => {
  const world = new World();
  const all = new Succession(PATIENCE);
  const first = all.begin(world.life());
  await world.over("begin 1");
  await first;
  const ends = [all.end(), all.end()];
  await settle();
  await world.over("end 1");
  await Promise.all(ends);
  assert.deepEqual(world.log, ["begin 1", "end 1"]);
});

test("one that was lost is not ended", async () => {
  const world = new World();
  const all = new Succession(PATIENCE);
  const first = all.begin(world.life());
  await world.over("begin 1");
  await first;
  all.lost();
  await all.end();
  assert.deepEqual(world.log, ["begin 1"]);
});
