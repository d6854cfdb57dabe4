/** The private environment: what is run, when it counts as whole, and what is said where that fails. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bundled, existing, install, tidy } from "../../src/install/environment";
import type { Bundle } from "../../src/install/plan";
import {
  MARKER,
  environmentName,
  failure,
  leftovers,
  marker,
  readBundle,
  refusal,
  steps,
} from "../../src/install/plan";
import type { Found } from "../../src/python/find";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const bundle: Bundle = {
  version: "0.1.0",
  wheel: "postil-0.1.0-py3-none-any.whl",
  wheelHash: hash("wheel"),
  lock: "requirements.txt",
  lockHash: hash("lock"),
};
const quiet = { step: () => undefined, line: () => undefined };

test("all that is installed is held against its hash, runs no code meanwhile, and names no index", () => {
  const [venv, needs, server] = steps(bundle, "/bundle", "/usr/bin/python3", "/env", "linux");
  assert.deepEqual(venv?.args, ["-I", "-m", "venv", "/env"]);
  assert.equal(needs?.command, "/env/bin/python");
  for (const word of ["--require-hashes", "--only-binary", ":all:", "/bundle/requirements.txt"]) {
    assert.ok(needs.args.includes(word), word);
  }
  assert.ok(server?.args.includes("--no-index") && server.args.includes("--no-deps"));
  assert.ok(![...needs.args, ...(server?.args ?? [])].some((it) => it.includes("://")));
  assert.equal(steps(bundle, "/b", "py", "/env", "win32")[1]?.command, join("/env", "Scripts", "python.exe"));
});

test("another server, another lock or another Python is another environment", () => {
  const name = (it: Bundle, minor: number): string => environmentName(it, { major: 3, minor });
  const names = [
    name(bundle, 11),
    name(bundle, 12),
    name({ ...bundle, lockHash: hash("x") }, 11),
    name({ ...bundle, wheelHash: hash("y") }, 11),
  ];
  assert.equal(new Set(names).size, 4);
  assert.deepEqual(leftovers([...names, "notes", "..", "0.1.0"], names[0] ?? ""), names.slice(1));
});

test("a bundle that is damaged, or that leads elsewhere, is refused", () => {
  assert.deepEqual(readBundle(JSON.stringify(bundle)), bundle);
  for (const wrong of [{ ...bundle, wheel: "../evil.whl" }, { ...bundle, lock: "" }, { version: "1" }]) {
    assert.throws(() => readBundle(JSON.stringify(wrong)), /damaged/);
  }
});

test("a failure is said as what happened and what to do", () => {
  const step = { title: "Installing what the server needs", command: "", args: [] };
  const said = (output: string): string => failure(step, output);
  assert.match(
    said("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE"),
    /not the one that Postil was tested with/,
  );
  assert.match(said("ERROR: No matching distribution found for lxml==6"), /no build of a package/);
  assert.match(said("NewConnectionError: Temporary failure in name resolution"), /cannot be reached/);
  assert.match(said("OSError: [Errno 28] No space left on device"), /disk is full\. Make room/);
  assert.match(said("[Errno 13] Permission denied: '/x'"), /may not write what it has to.*allow that/);
  assert.match(said("Segmentation fault"), /Show Log/);
});

test("an error of the system while files are written is said as what happened and what to do", () => {
  const said = (code: string): string => refusal(Object.assign(new Error("raw"), { code }), "/e").message;
  assert.match(said("ENOSPC"), /disk is full\. Make room, then run “Postil: Restart Server”/);
  assert.match(said("EACCES"), /\/e cannot be written\. Allow that, then run “Postil: Restart Server”/);
  assert.equal(said("EFOO"), "raw");
});

/** A world with a Python that does as it is told by a script. */
function world(script: string): { places: { bundle: string; environments: string }; python: Found } {
  const folder = mkdtempSync(join(tmpdir(), "postil-install-"));
  const places = { bundle: join(folder, "server"), environments: join(folder, "environments") };
  mkdirSync(places.bundle);
  writeFileSync(join(places.bundle, "bundle.json"), JSON.stringify(bundle));
  writeFileSync(join(places.bundle, bundle.wheel), "wheel");
  writeFileSync(join(places.bundle, bundle.lock), "lock");
  const path = join(folder, "python3");
  // It makes an environment whose Python is itself, and then does what the script says.
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$3" = venv ]; then mkdir -p "$4/bin" && cp "$0" "$4/bin/python"; exit 0; fi\n${script}\n`,
  );
  chmodSync(path, 0o755);
  return {
    places,
    python: { source: "path", path, version: { major: 3, minor: 12, executable: path, venv: true } },
  };
}

const never = (): AbortSignal => new AbortController().signal;

test("an environment is whole only when everything has worked, and is found again", async () => {
  const { places, python } = world("exit 0");
  assert.deepEqual(await bundled(places), bundle);
  assert.equal(await existing(places, bundle), undefined);
  const titles: string[] = [];
  const told = { ...quiet, step: (it: string) => titles.push(it) };
  const made = await install(places, bundle, python, told, never());
  assert.deepEqual(await existing(places, bundle), made);
  assert.deepEqual(await existing(places, bundle, python.version), made);
  assert.equal(made.version, "3.12");
  assert.equal(titles.length, 3);
  assert.deepEqual(readdirSync(places.environments), [environmentName(bundle, python.version)]);
  assert.equal(await existing(places, { ...bundle, lockHash: hash("later") }), undefined);
  assert.equal(await existing(places, bundle, { major: 3, minor: 13 }), undefined, "a Python that is named");
});

test("what was left half made, or has lost its Python, is none, and is made anew", async () => {
  const { places, python } = world("exit 0");
  const folder = join(places.environments, environmentName(bundle, python.version));
  mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(folder, "lib", "half"), "");
  assert.equal(await existing(places, bundle), undefined);
  const made = await install(places, bundle, python, quiet, never());
  assert.equal(existsSync(join(folder, "lib")), false);
  rmSync(made.python);
  assert.equal(await existing(places, bundle), undefined);
  const again = await install(places, bundle, python, quiet, never());
  assert.deepEqual(await existing(places, bundle), again);
});

test("one that is whole and does not load the server is made anew", async () => {
  // Its Python says no when it is asked to load the server, which is the only time that it gets -c.
  const { places, python } = world('case "$2" in -c) test -e "$(dirname "$0")/mended" ;; *) exit 0 ;; esac');
  const made = await install(places, bundle, python, quiet, never());
  const titles: string[] = [];
  const told = { ...quiet, step: (it: string) => titles.push(it) };
  await install(places, bundle, python, told, never());
  assert.equal(titles.length, 3, "made anew");
  writeFileSync(join(made.folder, "bin", "mended"), "");
  titles.length = 0;
  await install(places, bundle, python, told, never());
  assert.deepEqual(titles, [], "left as it is");
});

test("what fails leaves nothing behind", async () => {
  const { places, python } = world("echo 'ERROR: No matching distribution found for x' >&2; exit 1");
  await assert.rejects(install(places, bundle, python, quiet, never()), /no build of a package/);
  assert.deepEqual(readdirSync(places.environments), []);
});

test("cancelling ends all that was started, and then leaves nothing behind", async () => {
  // A child of the program goes on writing, as pip below venv does, until its whole group is ended.
  const world_ = world('(while :; do echo x >> "$(dirname "$0")/written"; done) & wait');
  const { places, python } = world_;
  const abort = new AbortController();
  const told = {
    ...quiet,
    step: (title: string) => title.includes("needs") && setTimeout(() => abort.abort(), 100),
  };
  await assert.rejects(install(places, bundle, python, told, abort.signal), /cancelled.*begins it again/);
  assert.deepEqual(readdirSync(places.environments), []);
  await assert.rejects(install(places, bundle, python, quiet, abort.signal), /cancelled/);
  assert.deepEqual(readdirSync(places.environments), []);
});

test("of two windows one installs and the other one waits for it", async () => {
  const { places, python } = world("sleep 0.2");
  const titles: string[] = [];
  const told = { ...quiet, step: (it: string) => titles.push(it) };
  const [one, other] = await Promise.all([
    install(places, bundle, python, told, never()),
    install(places, bundle, python, told, never()),
  ]);
  assert.deepEqual(one, other);
  assert.equal(titles.filter((it) => it.includes("private environment")).length, 1);
  assert.equal(titles.filter((it) => it.includes("Another window")).length, 1);
  assert.deepEqual(readdirSync(places.environments), [environmentName(bundle, python.version)]);
});

test("the turn of a window that was killed is nobody's", async () => {
  const { places, python } = world("exit 0");
  mkdirSync(places.environments);
  const turn = join(places.environments, `${environmentName(bundle, python.version)}.making`);
  writeFileSync(turn, "");
  const old = new Date(Date.now() - 60_000);
  utimesSync(turn, old, old);
  await install(places, bundle, python, quiet, never());
  assert.equal(existsSync(turn), false);
});

test("an update takes what is older along, unless a window still uses it, and never what is newer", async () => {
  const { places, python } = world("exit 0");
  const other = (letter: string, age: number): string => {
    const it = { ...bundle, version: "0.0.9", wheelHash: hash(letter) };
    const folder = join(places.environments, environmentName(it, python.version));
    mkdirSync(join(folder, "users"), { recursive: true });
    writeFileSync(join(folder, MARKER), marker(it));
    const when = new Date(Date.now() - age);
    utimesSync(join(folder, MARKER), when, when);
    return folder;
  };
  const [old, used, newer] = [other("a", 60_000), other("b", 60_000), other("c", -60_000)];
  writeFileSync(join(used, "users", String(process.pid)), "");
  const half = join(places.environments, environmentName({ ...bundle, lockHash: hash("d") }, python.version));
  mkdirSync(half);
  const made = await install(places, bundle, python, quiet, never());
  await tidy(places, made);
  assert.deepEqual(
    [old, used, newer, half, made.folder].map((it) => existsSync(it)),
    [false, true, true, false, true],
  );
  assert.ok(existsSync(join(made.folder, "users", String(process.pid))));
});

test("where the folder cannot be made, what to do is said", async () => {
  const { places, python } = world("exit 0");
  writeFileSync(places.environments, "a file is in the way");
  await assert.rejects(
    install(places, bundle, python, quiet, never()),
    /environments cannot be written\. Allow that, then run/,
  );
  assert.ok(statSync(places.environments).isFile());
});

test("a wheel that is not the one it was built with is not installed", async () => {
  const { places, python } = world("exit 0");
  writeFileSync(join(places.bundle, bundle.wheel), "another");
  await assert.rejects(install(places, bundle, python, quiet, never()), /damaged/);
  assert.equal(existsSync(places.environments), false);
  assert.equal(readFileSync(join(places.bundle, bundle.lock), "utf8"), "lock");
});
