/** Whether a server that died is started again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RestartPolicy } from "../../src/client/restart";

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
