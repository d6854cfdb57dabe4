/** Whether a server that died is started again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LastWords } from "../../src/client/lastWords";
import { gaveUp, RestartPolicy } from "../../src/client/restart";

const MINUTE = 60_000;

test("each death within three minutes waits longer, and the sixth is the last", () => {
  const policy = new RestartPolicy();
  const verdicts = [0, 1, 2, 3, 4, 5].map((at) => policy.died(at * 1000));
  const waits = verdicts.map((it) => (it.again ? it.after : -1));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, -1]);
});

test("a server that lived for three minutes starts with a clean sheet", () => {
  const policy = new RestartPolicy();
  for (const at of [0, 1, 2, 3, 4]) {
    assert.equal(policy.died(at).again, true);
  }
  assert.deepEqual(policy.died(3 * MINUTE + 5), { again: true, after: 500 });
});

test("a person who restarts it gives it another chance", () => {
  const policy = new RestartPolicy();
  for (const at of [0, 1, 2, 3, 4]) {
    policy.died(at);
  }
  policy.reset();
  assert.deepEqual(policy.died(6), { again: true, after: 500 });
});

test("who gives up says how often it was, what the server said last, what is kept and what to do", async () => {
  const policy = new RestartPolicy();
  const verdicts = Array.from({ length: 6 }, (_, at) => policy.died(at));
  const last = verdicts.at(-1);
  assert.deepEqual(last, { again: false, deaths: 6 });
  const words = new LastWords();
  for (const line of [
    "Traceback (most recent call last):",
    "ModuleNotFoundError: No module named 'x'",
    "  ",
  ]) {
    words.take(line);
  }
  assert.equal(
    gaveUp(6, await words.or("Pending response rejected since connection got disposed")),
    "The server ended 6 times within three minutes. It said last: ModuleNotFoundError: No module named 'x'. " +
      "Sessions and files are as they were. “Postil: Restart Server” tries again; “Postil: Show Log” says more.",
  );
});

test("a server that said nothing is no reason; a program that is not there is one", async () => {
  const words = new LastWords();
  for (const why of ["Pending response rejected since connection got disposed", "write EPIPE"]) {
    assert.equal(await words.or(why), "");
  }
  assert.equal(await words.or("spawn /x/python ENOENT"), "spawn /x/python ENOENT");
  assert.doesNotMatch(gaveUp(6, ""), /It said last/);
  words.take("x".repeat(1_000));
  assert.equal((await words.or("")).length, 300);
});

test("what it printed is read to its end first", async () => {
  const words = new LastWords();
  let ended: () => void = () => undefined;
  words.until(new Promise<void>((resolve) => (ended = resolve)));
  const said = words.or("write EPIPE");
  words.take("ImportError: no such thing");
  ended();
  assert.equal(await said, "ImportError: no such thing");
});
