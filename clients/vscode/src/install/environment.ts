/** The private environment that the server runs in: made once, found again, and removed with the extension. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Found } from "../python/find";
import type { Bundle, Step } from "./plan";
import {
  MARKER,
  environmentName,
  failure,
  interpreterOf,
  isWhole,
  leftovers,
  marker,
  readBundle,
  steps,
} from "./plan";

/** What happens during an installation. */
export interface Told {
  step(title: string): void;
  line(text: string): void;
}

export interface Places {
  /** The folder with what the extension brings along. */
  readonly bundle: string;
  /** The folder of the environments. */
  readonly environments: string;
}

/** Reads what the extension brings along; undefined where it brings nothing, as in development. */
export async function bundled(places: Places): Promise<Bundle | undefined> {
  const text = await read(join(places.bundle, "bundle.json"));
  return text === undefined ? undefined : readBundle(text);
}

/** Returns the interpreter of an environment that is whole, or undefined. */
export async function existing(places: Places, bundle: Bundle, python: Found): Promise<string | undefined> {
  const folder = join(places.environments, environmentName(bundle, python.version));
  return isWhole(await read(join(folder, MARKER)), bundle)
    ? interpreterOf(folder, process.platform)
    : undefined;
}

/** Makes the environment and returns its interpreter. What is not whole is removed. Rejects with a sentence. */
export async function install(
  places: Places,
  bundle: Bundle,
  python: Found,
  told: Told,
  signal: AbortSignal,
): Promise<string> {
  await check(join(places.bundle, bundle.wheel), bundle.wheelHash);
  await check(join(places.bundle, bundle.lock), bundle.lockHash);
  const name = environmentName(bundle, python.version);
  const folder = join(places.environments, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(places.environments, { recursive: true });
  try {
    for (const step of steps(bundle, places.bundle, python.version.executable, folder, process.platform)) {
      told.step(step.title);
      await run(step, places.environments, told, signal);
    }
    await writeFile(join(folder, MARKER), marker(bundle));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  for (const old of leftovers(await readdir(places.environments), name)) {
    await rm(join(places.environments, old), { recursive: true, force: true });
  }
  return interpreterOf(folder, process.platform);
}

async function check(file: string, hash: string): Promise<void> {
  const found = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  if (found !== hash) {
    throw new Error(
      "The extension is damaged: what it brings along is not what it was built with. Install it again.",
    );
  }
}

function run(step: Step, cwd: string, told: Told, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, step.args, {
      cwd,
      signal,
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const take = (data: Buffer): void => {
      const text = data.toString("utf8");
      output = (output + text).slice(-20_000);
      told.line(text.trimEnd());
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      reject(
        signal.aborted
          ? new Error("The installation was cancelled.")
          : new Error(`${step.title} failed: ${error.message}.`),
      );
    });
    child.on("close", (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(failure(step, output)));
      }
    });
  });
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}
