/** What others find is waited for after a change only: a prompt about a text that nobody touched is not held up. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Quiet } from "../../src/client/quiet";

/** Runs with a clock of its own; `done` says whether the wait has ended. */
async function waiting(quiet: Quiet): Promise<{ done: () => boolean; pass: (ms: number) => Promise<void> }> {
  let ended = false;
  void quiet.about("file:///app.py", "python").then(() => (ended = true));
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await turn();
  return {
    done: () => ended,
    pass: async (ms) => {
      mock.timers.tick(ms);
      await turn();
    },
  };
}

test("nothing is waited for where nothing was heard lately", async (context) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  context.after(() => mock.timers.reset());
  const quiet = new Quiet();
  assert.ok((await waiting(quiet)).done());
  quiet.hear("python");
  mock.timers.tick(400);
  assert.ok((await waiting(quiet)).done());
});

test("a change is waited for until it is quiet, however it was heard of, and what comes meanwhile counts", async (context) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  context.after(() => mock.timers.reset());
  const quiet = new Quiet();
  quiet.hear("python");
  quiet.hear("typescript");
  mock.timers.tick(300);
  const { done, pass } = await waiting(quiet);
  quiet.hear("file:///app.py");
  await pass(100);
  assert.ok(!done());
  await pass(299);
  assert.ok(!done());
  await pass(1);
  assert.ok(done());
});

test("one who is never quiet is not waited for without end", async (context) => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  context.after(() => mock.timers.reset());
  const quiet = new Quiet();
  quiet.hear("python");
  const { done, pass } = await waiting(quiet);
  for (let passed = 0; passed < 1_800; passed += 100) {
    assert.ok(!done(), `after ${passed} ms`);
    quiet.hear("python");
    await pass(100);
  }
  assert.ok(done());
});
