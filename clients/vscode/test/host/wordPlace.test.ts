/** Where a word stands on a line. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "../../src/client/wordPlace";

test("a name is found as a whole word alone", () => {
  assert.equal(placeOf("add", "def add(a):"), 4);
  assert.equal(placeOf("add", "padding = add"), 10);
  assert.equal(placeOf("add", "adder, _add, addé, add$"), null);
  assert.equal(placeOf("add", ""), null);
});
