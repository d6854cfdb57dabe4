/** Asks interpreters what they are. */

import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import type { Version } from "./find";
import { namesOnPath } from "./find";

const ASK = [
  "import importlib.util as u, json, sys",
  "has = lambda it: u.find_spec(it) is not None",
  "print(json.dumps([*sys.version_info[:2], sys.executable, has('venv') and has('ensurepip')]))",
].join("\n");
const SECONDS = 15;

/** Runs an interpreter, apart from what the folder it starts in may hold; null where that is none. */
export function probe(path: string): Promise<Version | null> {
  return new Promise((resolve) => {
    const options = { timeout: SECONDS * 1000, windowsHide: true, maxBuffer: 65_536 };
    // -I: neither the current folder nor variables of the environment say what it imports.
    execFile(path, ["-I", "-c", ASK], options, (error, stdout) => {
      resolve(error ? null : parse(stdout));
    });
  });
}

/** Reads what an interpreter says of itself. */
export function parse(text: string): Version | null {
  try {
    const said: unknown = JSON.parse(text.trim().split("\n").at(-1) ?? "");
    if (!Array.isArray(said) || said.length !== 4) {
      return null;
    }
    const [major, minor, executable, venv] = said as unknown[];
    return typeof major === "number" && typeof minor === "number" && typeof executable === "string"
      ? { major, minor, executable, venv: venv === true }
      : null;
  } catch {
    return null;
  }
}

/** Returns the interpreters on PATH, each name once; folders of the workspace are left out: they may hold anything. */
export async function onPath(
  path: string,
  platform: NodeJS.Platform,
  without: readonly string[] = [],
): Promise<string[]> {
  const found: string[] = [];
  const folders = path
    .split(delimiter)
    .filter((it) => isAbsolute(it) && !without.some((root) => isWithin(it, root)));
  for (const name of namesOnPath(platform)) {
    for (const folder of folders) {
      const file = join(folder, name);
      if (await isProgram(file)) {
        found.push(file);
        break;
      }
    }
  }
  return found;
}

/** Returns whether it is there and can be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}
