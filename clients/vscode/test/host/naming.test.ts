/** What files are called in a window of several folders. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, placeOf } from "../../src/host/naming";

const FOLDERS = ["/w/main", "/w/lib", "/v/lib"];
const FILES = ["/w/main/app.py", "/w/lib/app.py", "/v/lib/app.py", "/w/lib/inner/only.py"];
const exists = (path: string): boolean => FILES.includes(path);

test("a file of another folder than the first has that folder's name before it, and is found by it", () => {
  assert.equal(nameOf("/w/main/app.py", FOLDERS, exists), "app.py");
  assert.equal(nameOf("/w/lib/app.py", FOLDERS, exists), "lib/app.py");
  assert.equal(placeOf("app.py", FOLDERS, exists), "/w/main/app.py");
  assert.equal(placeOf("lib/app.py", FOLDERS, exists), "/w/lib/app.py");
  assert.equal(placeOf("inner/only.py", FOLDERS, exists), "/w/lib/inner/only.py");
  assert.equal(placeOf("lib/new.py", FOLDERS, exists), "/w/lib/new.py");
  assert.equal(placeOf("new.py", FOLDERS, exists), "/w/main/new.py");
});

test("a name that would mean another file is not used", () => {
  // The second of two folders of one name, and a folder whose name the first has a folder of.
  assert.equal(nameOf("/v/lib/app.py", FOLDERS, exists), "/v/lib/app.py");
  const hidden = (path: string): boolean => exists(path) || path === "/w/main/lib/app.py";
  assert.equal(nameOf("/w/lib/app.py", FOLDERS, hidden), "/w/lib/app.py");
  assert.equal(placeOf("lib/app.py", FOLDERS, hidden), "/w/main/lib/app.py");
});

test("a file in a folder of a folder belongs to the inner one, and one outside is called by its path", () => {
  const nested = ["/w/main", "/w/main/sub"];
  assert.equal(
    nameOf("/w/main/sub/a.py", nested, () => false),
    "sub/a.py",
  );
  assert.equal(
    nameOf("/w/mainly/a.py", nested, () => false),
    "/w/mainly/a.py",
  );
  assert.equal(
    placeOf("/x/a.py", nested, () => false),
    "/x/a.py",
  );
  assert.equal(
    placeOf("a.py", [], () => false),
    "a.py",
  );
});
