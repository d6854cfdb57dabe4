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
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bundled, existing, install } from "../../src/install/environment";
import type { Bundle } from "../../src/install/plan";
import { environmentName, failure, leftovers, readBundle, steps } from "../../src/install/plan";
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
  assert.match(said("OSError: [Errno 28] No space left on device"), /disk is full/);
  assert.match(said("Segmentation fault"), /Show Log/);
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

test("an environment is whole only when everything has worked, and is found again", async () => {
  const { places, python } = world("exit 0");
  assert.deepEqual(await bundled(places), bundle);
  assert.equal(await existing(places, bundle, python), undefined);
  mkdirSync(join(places.environments, "0.0.9-py3.12-0123456789abcdef"), { recursive: true });
  const titles: string[] = [];
  const made = await install(
    places,
    bundle,
    python,
    { ...quiet, step: (it) => titles.push(it) },
    new AbortController().signal,
  );
  assert.equal(await existing(places, bundle, python), made);
  assert.equal(titles.length, 3);
  assert.deepEqual(readdirSync(places.environments), [environmentName(bundle, python.version)]);
  assert.equal(await existing(places, { ...bundle, lockHash: hash("later") }, python), undefined);
});

test("what fails, or is cancelled, leaves nothing behind", async () => {
  const { places, python } = world("echo 'ERROR: No matching distribution found for x' >&2; exit 1");
  await assert.rejects(
    install(places, bundle, python, quiet, new AbortController().signal),
    /no build of a package/,
  );
  assert.deepEqual(readdirSync(places.environments), []);
  const slow = world("exec sleep 600");
  const abort = new AbortController();
  const steps_ = {
    ...quiet,
    step: (title: string) => title.includes("needs") && setTimeout(() => abort.abort(), 50),
  };
  await assert.rejects(install(slow.places, bundle, slow.python, steps_, abort.signal), /cancelled/);
  assert.deepEqual(readdirSync(slow.places.environments), []);
});

test("a wheel that is not the one it was built with is not installed", async () => {
  const { places, python } = world("exit 0");
  writeFileSync(join(places.bundle, bundle.wheel), "another");
  await assert.rejects(install(places, bundle, python, quiet, new AbortController().signal), /damaged/);
  assert.equal(existsSync(places.environments), false);
  assert.equal(readFileSync(join(places.bundle, bundle.lock), "utf8"), "lock");
});
