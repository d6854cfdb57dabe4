/** The private environment that the server runs in: made once, found again, mended, and removed with the extension. */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { forPython } from "../client/launch";
import type { Found } from "../python/find";
import { isProgram } from "../python/probe";
import type { Bundle } from "./plan";
import {
  MARKER,
  environmentName,
  environmentsOf,
  interpreterOf,
  isWhole,
  leftovers,
  marker,
  readBundle,
  refusal,
  steps,
} from "./plan";
import type { Told } from "./running";
import { run } from "./running";
import { inTurn, isMaking, isUsed, use } from "./turns";

export interface Places {
  /** The folder with what the extension brings along. */
  readonly bundle: string;
  /** The folder of the environments. */
  readonly environments: string;
}

/** An environment that can be started. */
export interface Environment {
  readonly folder: string;
  readonly python: string;
  /** Of its Python, such as "3.12". */
  readonly version: string;
}

const DAMAGED =
  "The extension is damaged: what it brings along is not what it was built with. Install it again.";
const LOOK = "import postil.app, postil.cli.main, postil.lsp.serving";
const SECONDS = 60;

/** Reads what the extension brings along; undefined where it brings nothing, as in development. */
export async function bundled(places: Places): Promise<Bundle | undefined> {
  const text = await read(join(places.bundle, "bundle.json"));
  return text === undefined ? undefined : readBundle(text);
}

/** Returns an environment that is whole: of a certain Python, or whichever there is. */
export async function existing(
  places: Places,
  bundle: Bundle,
  python?: { readonly major: number; readonly minor: number },
): Promise<Environment | undefined> {
  const names =
    python === undefined
      ? environmentsOf(bundle, await namesIn(places.environments))
      : [environmentName(bundle, python)];
  for (const name of names) {
    const folder = join(places.environments, name);
    const made = { folder, python: interpreterOf(folder, process.platform), version: versionIn(name) };
    if (isWhole(await read(join(folder, MARKER)), bundle) && (await isProgram(made.python))) {
      return made;
    }
  }
  return undefined;
}

/** Whether the server in an environment can be loaded: its Python may have gone, or its files. It takes a second or two. */
export function works(environment: Environment): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: SECONDS * 1000, windowsHide: true, env: forPython(process.env) };
    execFile(environment.python, ["-I", "-c", LOOK], options, (error) => {
      resolve(error === null);
    });
  });
}

/** Makes the environment. What is not whole is removed. Rejects with a sentence. */
export async function install(
  places: Places,
  bundle: Bundle,
  python: Found,
  told: Told,
  signal: AbortSignal,
): Promise<Environment> {
  await check(join(places.bundle, bundle.wheel), bundle.wheelHash);
  await check(join(places.bundle, bundle.lock), bundle.lockHash);
  const name = environmentName(bundle, python.version);
  const wait = (): void => {
    told.step("Another window installs the server");
  };
  try {
    await mkdir(places.environments, { recursive: true });
    return await inTurn(places.environments, name, signal, wait, async () => {
      const there = await existing(places, bundle, python.version);
      return there !== undefined && (await works(there))
        ? there
        : await make(places, bundle, python, told, signal);
    });
  } catch (error) {
    throw refusal(error, places.environments);
  }
}

/** Removes the environments that are of no more use: older ones that no window uses, and what was never finished. Never rejects. */
export async function tidy(places: Places, current: Environment): Promise<void> {
  try {
    await use(current.folder, process.pid);
    const since = (await stat(join(current.folder, MARKER))).mtimeMs;
    const all = await namesIn(places.environments);
    for (const name of leftovers(
      all,
      all.find((it) => join(places.environments, it) === current.folder) ?? "",
    )) {
      const folder = join(places.environments, name);
      const made = await stat(join(folder, MARKER)).catch(() => undefined);
      const newer = made !== undefined && made.mtimeMs > since;
      if (!newer && !(await isUsed(folder)) && !(await isMaking(places.environments, name))) {
        await remove(folder);
      }
    }
  } catch {
    // What stays only takes room, and is tried again at the next start.
  }
}

async function make(
  places: Places,
  bundle: Bundle,
  python: Found,
  told: Told,
  signal: AbortSignal,
): Promise<Environment> {
  const name = environmentName(bundle, python.version);
  const folder = join(places.environments, name);
  await remove(folder);
  try {
    for (const step of steps(bundle, places.bundle, python.version.executable, folder, process.platform)) {
      told.step(step.title);
      await run(step, places.environments, told, signal);
    }
    await writeFile(join(folder, MARKER), marker(bundle));
  } catch (error) {
    // What hinders this hinders whoever tries again as well, and is told then; why it failed is what counts.
    await remove(folder).catch(() => undefined);
    throw error;
  }
  return { folder, python: interpreterOf(folder, process.platform), version: versionIn(name) };
}

async function check(file: string, hash: string): Promise<void> {
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined || createHash("sha256").update(content).digest("hex") !== hash) {
    throw new Error(DAMAGED);
  }
}

/** The marker goes first: what is removed in part is never taken for whole. */
async function remove(folder: string): Promise<void> {
  await rm(join(folder, MARKER), { force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function versionIn(name: string): string {
  return /-py(\d+\.\d+)-/.exec(name)?.[1] ?? "";
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}
