/** Which files are not offered to be attached. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { excluded } from "../../src/host/excluding";

test("what any of the settings leaves out is left out, once", () => {
  const files = { "**/.git": true, "**/*.js": { when: "$(basename).ts" }, "**/kept": false };
  const search = { "**/node_modules": true, "**/.git": true, "**/*.{map,min.{js,css}}": true };
  assert.deepEqual(excluded(files, search), ["**/.git", "**/node_modules", "**/*.{map,min.{js,css}}"]);
});

test("where nothing is left out there is no pattern", () => {
  assert.deepEqual(excluded({}, undefined, null, "x", { "**/a": false, "": true }), []);
});
