/** What an installation of the server into a private environment consists of; nothing here touches a disk. */

import { join } from "node:path";

/** What the extension brings along: a wheel, and a lock with the hashes of everything that it needs. */
export interface Bundle {
  readonly version: string;
  readonly wheel: string;
  readonly wheelHash: string;
  readonly lock: string;
  readonly lockHash: string;
}

/** A program to run, with its arguments. */
export interface Step {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The file that is written into an environment when it is whole. */
export const MARKER = "postil-environment.json";

/** Reads what the extension brings along. Throws where that is not whole. */
export function readBundle(text: string): Bundle {
  const said = JSON.parse(text) as Partial<Record<keyof Bundle, unknown>>;
  const word = (key: keyof Bundle): string => {
    const value = said[key];
    if (typeof value !== "string" || value === "" || /[\\/]/.test(value)) {
      throw new Error(`The extension is damaged: its bundle has no ${key}. Install it again.`);
    }
    return value;
  };
  return {
    version: word("version"),
    wheel: word("wheel"),
    wheelHash: word("wheelHash"),
    lock: word("lock"),
    lockHash: word("lockHash"),
  };
}

/** Returns the folder's name of an environment: another server, another lock or another Python is another one. */
export function environmentName(bundle: Bundle, python: { major: number; minor: number }): string {
  const hashes = `${bundle.wheelHash.slice(0, 8)}${bundle.lockHash.slice(0, 8)}`;
  return `${bundle.version}-py${python.major}.${python.minor}-${hashes}`;
}

/** Returns which of these folders are environments of what is brought along now, whatever their Python; the newest Python first. */
export function environmentsOf(bundle: Bundle, names: readonly string[]): string[] {
  const minor = (name: string): number => Number(/-py3\.(\d+)-/.exec(name)?.[1] ?? "0");
  return names
    .filter((name) => name === environmentName(bundle, { major: 3, minor: minor(name) }))
    .sort((one, other) => minor(other) - minor(one));
}

/** Returns the interpreter of an environment. */
export function interpreterOf(folder: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

/** Returns what has to be run, in order. Nothing that is installed runs code while it is, and all of it is held against its hash. */
export function steps(
  bundle: Bundle,
  files: string,
  base: string,
  folder: string,
  platform: NodeJS.Platform,
): Step[] {
  const python = interpreterOf(folder, platform);
  const pip = [
    "-I",
    "-m",
    "pip",
    "--no-input",
    "--disable-pip-version-check",
    "install",
    "--quiet",
    "--no-compile",
  ];
  return [
    { title: "Making a private environment", command: base, args: ["-I", "-m", "venv", folder] },
    {
      title: "Installing what the server needs",
      command: python,
      args: [...pip, "--require-hashes", "--only-binary", ":all:", "--requirement", join(files, bundle.lock)],
    },
    {
      title: "Installing the server",
      command: python,
      args: [...pip, "--no-deps", "--no-index", join(files, bundle.wheel)],
    },
  ];
}

/** Returns what is written when an environment is whole. */
export function marker(bundle: Bundle): string {
  return `${JSON.stringify({ version: bundle.version, wheel: bundle.wheelHash, lock: bundle.lockHash })}\n`;
}

/** Whether a marker says that an environment is whole, and has what is brought along now. */
export function isWhole(text: string | undefined, bundle: Bundle): boolean {
  return text === marker(bundle);
}

/** Returns the environments that are of no more use. */
export function leftovers(names: readonly string[], current: string): string[] {
  return names.filter((name) => name !== current && /^\d+\.\d+\.\d+\S*-py3\.\d+-[0-9a-f]{16}$/.test(name));
}

const FULL = "The disk is full. Make room, then run “Postil: Restart Server”.";

/** Returns what to say of an error of the system while environments were made in a folder; other errors are sentences already. */
export function refusal(error: unknown, folder: string): Error {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Error(`The server was not installed. ${FULL}`);
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOTDIR" || code === "EEXIST") {
    return new Error(
      `The server was not installed: ${folder} cannot be written. Allow that, then run “Postil: Restart Server”.`,
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** Returns why an installation failed, from what pip said last, as a sentence with what to do. */
export function failure(step: Step, output: string): string {
  const what = `${step.title} failed.`;
  if (/No space left|Disk quota exceeded/i.test(output)) {
    return `${what} ${FULL}`;
  }
  if (/Permission denied|Read-only file system|Operation not permitted/i.test(output)) {
    return `${what} It may not write what it has to. “Postil: Show Log” names it; allow that, then run “Postil: Restart Server”.`;
  }
  if (/hashes? (?:do|does) not match|HASHES? .*mismatch|THESE PACKAGES DO NOT MATCH/i.test(output)) {
    return `${what} A package is not the one that Postil was tested with, so nothing of it was used. Look at your package index, then run “Postil: Restart Server”.`;
  }
  if (/No matching distribution found/i.test(output)) {
    return `${what} Your package index has no build of a package for this machine and this Python. “Postil: Show Log” names it.`;
  }
  if (
    /Could not fetch|ConnectionError|NewConnectionError|Temporary failure|timed out|Network is unreachable|ProxyError|Max retries/i.test(
      output,
    )
  ) {
    return `${what} The package index cannot be reached. Check the network or the proxy, then run “Postil: Restart Server”.`;
  }
  return `${what} “Postil: Show Log” says why.`;
}
