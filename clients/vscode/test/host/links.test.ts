/** Where links of a model's prose lead, and where none does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isWithin, placesOf, targetOf } from "../../src/host/links";

test("a path leads to a file and a line", () => {
  const file = (href: string): unknown => {
    const found = targetOf(href);
    return found.kind === "file" ? [found.path, found.line] : found.kind;
  };
  assert.deepEqual(file("src/a.py"), ["src/a.py", undefined]);
  assert.deepEqual(file("src/a.py:12"), ["src/a.py", 12]);
  assert.deepEqual(file("src/a.py:12:3"), ["src/a.py", 12]);
  assert.deepEqual(file("a.py:12-20"), ["a.py", 12]);
  assert.deepEqual(file("docs/y.md#L3"), ["docs/y.md", 3]);
  assert.deepEqual(file("docs/y.md#L3-L9"), ["docs/y.md", 3]);
  assert.deepEqual(file("docs/y.md#a-heading"), ["docs/y.md", undefined]);
  assert.deepEqual(file("a%20b.md"), ["a b.md", undefined]);
  assert.deepEqual(file("a.py:0"), ["a.py", 1]);
});

test("nothing but http and https leads out, and nothing else leads anywhere", () => {
  assert.equal(targetOf("https://example.org/a:12").kind, "web");
  for (const href of [
    "",
    "#",
    "#a",
    "command:workbench.action.quit",
    "COMMAND:x",
    "command%3Ax",
    "javascript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "vscode://x/y",
    "file:///etc/passwd",
    "data:text/html,x",
    "mailto:a@example.org",
    "//evil.example/x",
    "%2F%2Fevil.example/x",
    "\\\\evil\\x",
    "https:",
    "https:///x",
    "a%00b",
    "a%zz",
  ]) {
    assert.equal(targetOf(href).kind, "none", href);
  }
});

test("a path means files within the workspace alone", () => {
  const [one, two] = ["/home/ada/one", "/home/ada/two"];
  assert.deepEqual(placesOf("src/a.py", [one, two]), ["/home/ada/one/src/a.py", "/home/ada/two/src/a.py"]);
  assert.deepEqual(placesOf("two/a.py", [one, two]), [
    "/home/ada/one/two/a.py",
    "/home/ada/two/two/a.py",
    "/home/ada/two/a.py",
  ]);
  assert.deepEqual(placesOf("/home/ada/one/a.py", [one]), ["/home/ada/one/a.py"]);
  for (const path of [
    "/etc/passwd",
    "../x",
    "a/../../x",
    "/home/ada/one/../x",
    "/home/ada/onemore/a",
    ".",
    "/home/ada/one",
  ]) {
    assert.deepEqual(placesOf(path, [one]), [], path);
  }
  assert.deepEqual(placesOf("..a", [one]), ["/home/ada/one/..a"]);
  assert.ok(!isWithin("/home/ada/one", "/home/ada/one"));
});
