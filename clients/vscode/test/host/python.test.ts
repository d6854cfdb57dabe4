/** Finding Python: which candidate is taken, and what is said where none will do. */

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import type { Extension, PythonApi } from "../../src/python/chosen";
import { chosenIn } from "../../src/python/chosen";
import type { Candidate, Version } from "../../src/python/find";
import { findPython, isNewEnough, LATE, told } from "../../src/python/find";
import { onPath, parse, probe } from "../../src/python/probe";

const version = (major: number, minor: number, venv = true): Version => ({
  major,
  minor,
  executable: "/real",
  venv,
});
const from = (source: Candidate["source"], path: string): Candidate => ({ source, path });
const world = (there: Record<string, Version>) => (path: string) => Promise.resolve(there[path] ?? null);

test("the first candidate that will do is taken, in the order given", async () => {
  const candidates = [from("extension", "/ext"), from("path", "/old"), from("path", "/new")];
  const found = await findPython(candidates, world({ "/old": version(3, 9), "/new": version(3, 12) }));
  assert.equal(found.kind === "found" && found.python.path, "/new");
  assert.equal(told(found), "");
});

test("what a setting names is taken or refused, and never passed over", async () => {
  const there = world({ "/old": version(3, 10), "/new": version(3, 13) });
  const old = await findPython([from("setting", "/old"), from("path", "/new")], there);
  assert.equal(told(old), "Postil needs Python 3.11 or newer. Found: 3.10 at /old.");
  const gone = await findPython([from("setting", "/gone"), from("path", "/new")], there);
  assert.equal(
    told(gone),
    "Postil needs Python 3.11 or newer. The setting postil.python.interpreter names /gone, which does not run.",
  );
});

test("where none will do, the first that runs is what a person hears of", async () => {
  const there = world({ "/old": version(3, 9), "/bare": version(3, 12, false) });
  const old = await findPython([from("path", "/gone"), from("path", "/old"), from("path", "/bare")], there);
  assert.equal(told(old), "Postil needs Python 3.11 or newer. Found: 3.9 at /old.");
  const bare = await findPython([from("path", "/bare")], there);
  assert.match(told(bare), /\/bare cannot make private environments\. Install its venv module/);
  assert.equal(told(await findPython([], there)), "Postil needs Python 3.11 or newer. None was found.");
});

/** The Python extension, as far as it is asked. */
function stand(change: Partial<Extension<PythonApi<string>>>): Extension<PythonApi<string>> {
  const path = "/chosen";
  const environments = {
    getActiveEnvironmentPath: (folder?: string) => ({ path: `${folder ?? ""}${path}` }),
    resolveEnvironment: (it: { path?: string }) =>
      Promise.resolve({ executable: { uri: { fsPath: it.path ?? "" } } }),
  };
  return {
    isActive: true,
    exports: { environments },
    activate: () => Promise.reject(new Error()),
    ...change,
  };
}
const never = <T>(): Promise<T> => new Promise(() => undefined);
const MINUTE = 60_000;

test("the Python extension says which interpreter is chosen, started for that where it is not", async () => {
  const { exports } = stand({});
  assert.deepEqual(await chosenIn(stand({}), "/w", MINUTE), { path: "/w/chosen", late: false });
  const asleep = stand({ isActive: false, activate: () => Promise.resolve(exports) });
  assert.deepEqual(await chosenIn(asleep, undefined, MINUTE), { path: "/chosen", late: false });
});

test("without the extension, without its interface, or where it fails, nothing is chosen", async () => {
  const none = { path: undefined, late: false };
  assert.deepEqual(await chosenIn(undefined, "/w", MINUTE), none);
  assert.deepEqual(await chosenIn(stand({ exports: {} }), "/w", MINUTE), none);
  assert.deepEqual(await chosenIn(stand({ isActive: false }), "/w", MINUTE), none);
});

test("one that never says anything is not waited for, wherever it hangs, and that is said", async () => {
  const { environments } = stand({}).exports;
  assert.ok(environments);
  const hangs = [
    stand({ isActive: false, activate: () => never() }),
    stand({ exports: { environments: { ...environments, resolveEnvironment: () => never() } } }),
  ];
  for (const it of hangs) {
    assert.deepEqual(await chosenIn(it, "/w", 1), { path: undefined, late: true });
  }
  const none = await findPython([], world({}));
  assert.equal(told(none, true), `Postil needs Python 3.11 or newer. None was found. ${LATE}`);
  const found = await findPython([from("path", "/new")], world({ "/new": version(3, 12) }));
  assert.equal(told(found, true), "", "where another one will do there is nothing to be mended");
});

test("versions are compared as numbers", () => {
  assert.deepEqual(
    [version(2, 99), version(3, 9), version(3, 11), version(3, 20), version(4, 0)].map(isNewEnough),
    [false, false, true, true, true],
  );
});

test("what an interpreter says is read, and anything else is none", () => {
  assert.deepEqual(parse('noise\n[3, 12, "/usr/bin/python3", true]\n'), {
    ...version(3, 12),
    executable: "/usr/bin/python3",
  });
  for (const text of ["", "hello", "[3]", '["3", 12, "/x", true]', "{}", "null"]) {
    assert.equal(parse(text), null, text);
  }
});

test("a real interpreter is asked, and a program that is none is not taken for one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postil-python-"));
  const fake = join(folder, "python3");
  writeFileSync(fake, "#!/bin/sh\necho this is no Python\n");
  chmodSync(fake, 0o755);
  assert.equal(await probe(fake), null);
  assert.equal(await probe(join(folder, "none")), null);
  const real = await onPath(process.env["PATH"] ?? "", process.platform);
  const versions = await Promise.all(real.map(probe));
  assert.ok(versions.some((it) => it?.major === 3));
});

test("an interpreter does not import what lies where it is started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postil-python-"));
  writeFileSync(join(folder, "json.py"), "raise SystemExit(3)\n");
  const before = process.cwd();
  process.chdir(folder);
  try {
    const [python] = await onPath(process.env["PATH"] ?? "", process.platform);
    assert.notEqual(await probe(python ?? "python3"), null);
  } finally {
    process.chdir(before);
  }
});

test("folders of the workspace and relative ones are not looked in", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postil-python-"));
  const bin = join(folder, "workspace", "bin");
  const other = join(folder, "workspace-2");
  for (const it of [bin, other]) {
    mkdirSync(it, { recursive: true });
    symlinkSync(process.execPath, join(it, "python3"));
  }
  const path = [bin, ".", "", other].join(delimiter);
  assert.deepEqual(await onPath(path, "linux", [join(folder, "workspace")]), [join(other, "python3")]);
});
