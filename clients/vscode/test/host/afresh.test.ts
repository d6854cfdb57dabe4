/** A changed setting restarts the server when nobody works any more, wherever they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Afresh } from "../../src/client/afresh";
import { UnderWay } from "../../src/client/underWay";
import { settled } from "./editor";

interface State {
  busy: boolean;
  works: boolean | Error;
  ready: boolean;
}

function afresh(state: State): [Afresh, () => number] {
  let restarts = 0;
  const it = new Afresh({
    busy: () => state.busy,
    works: () => (state.works instanceof Error ? Promise.reject(state.works) : Promise.resolve(state.works)),
    ready: () => state.ready,
    underWay: new UnderWay(),
    restart: () => (restarts += 1),
  });
  return [it, () => restarts];
}

test("a session out of view that works is not interrupted; once it is done, the server starts anew, once", async () => {
  const state: State = { busy: false, works: true, ready: true };
  const [it, restarts] = afresh(state);
  it.want();
  await settled();
  assert.equal(restarts(), 0);
  state.works = false;
  state.busy = true;
  await it.look();
  assert.equal(restarts(), 0, "nor is the one in view");
  state.busy = false;
  await it.look();
  await it.look();
  assert.equal(restarts(), 1);
});

test("where it is not to be learned who works nothing is interrupted, and a server that is not there is started", async () => {
  const state: State = { busy: false, works: new Error("Not now."), ready: true };
  const [it, restarts] = afresh(state);
  it.want();
  await settled();
  assert.equal(restarts(), 0);
  state.ready = false;
  await it.look();
  assert.equal(restarts(), 1);
});

test("work that begins while it is asked is seen", async () => {
  const answers: ((works: boolean) => void)[] = [];
  let restarts = 0;
  const it = new Afresh({
    busy: () => false,
    works: () => new Promise((resolve) => answers.push(resolve)),
    ready: () => true,
    underWay: new UnderWay(),
    restart: () => (restarts += 1),
  });
  it.want();
  await settled();
  void it.look(); // Something changed: what is answered now may be out of date.
  answers.shift()?.(false);
  await settled();
  assert.equal(restarts, 0);
  answers.shift()?.(true);
  await settled();
  assert.equal(restarts, 0);
});

test("what was asked and is not answered yet is not cut off: it may begin work", async () => {
  const underWay = new UnderWay();
  const state = { works: false };
  const order: string[] = [];
  const it = new Afresh({
    busy: () => false,
    works: () => underWay.through(Promise.resolve(state.works)),
    ready: () => true,
    underWay,
    restart: () => order.push("restarted"),
  });
  let begun = (): void => undefined;
  const prompted = new Promise<void>((resolve) => (begun = resolve));
  it.want();
  // It comes while it is still asked who works.
  const prompt = underWay.through(prompted).then(() => order.push("answered"));
  await settled();
  assert.deepEqual(order, []);
  state.works = true;
  begun();
  await prompt;
  await settled();
  assert.deepEqual(order, ["answered"]);
  state.works = false;
  await it.look();
  assert.deepEqual(order, ["answered", "restarted"]);
});

test("what is taken back before the time has come restarts nothing", async () => {
  const state: State = { busy: true, works: false, ready: true };
  const [it, restarts] = afresh(state);
  it.want();
  await settled();
  it.leave();
  state.busy = false;
  await it.look();
  assert.equal(restarts(), 0);
});
