/** Lets one window at a time make an environment, and tells which environments windows still use. */

import { mkdir, open, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "./running";

const BEAT = 5_000;
/** A turn whose holder has not been heard of for so long is nobody's. */
const STALE = 30_000;
const LOOK = 250;
const USERS = "users";

/** Does the work while no other window does its own of that name; waits for one that does. Rejects where that is cancelled. */
export async function inTurn<T>(
  folder: string,
  name: string,
  signal: AbortSignal,
  wait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const file = turnFile(folder, name);
  let waited = false;
  while (!(await taken(file))) {
    if (!waited) {
      waited = true;
      wait();
    }
    await sleep(LOOK, undefined, { signal }).catch(() => {
      throw cancelled();
    });
  }
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

/** Whether a window makes an environment of that name just now. */
export async function isMaking(folder: string, name: string): Promise<boolean> {
  return isFresh(turnFile(folder, name));
}

/** Takes note that a process uses an environment, and forgets those that have ended. */
export async function use(environment: string, pid: number): Promise<void> {
  const folder = join(environment, USERS);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, String(pid)), "");
  for (const name of await readdir(folder)) {
    if (!isAlive(Number(name))) {
      await rm(join(folder, name), { force: true });
    }
  }
}

/** Whether a process that uses an environment still runs. */
export async function isUsed(environment: string): Promise<boolean> {
  try {
    return (await readdir(join(environment, USERS))).some((name) => isAlive(Number(name)));
  } catch {
    return false;
  }
}

function turnFile(folder: string, name: string): string {
  return join(folder, `${name}.making`);
}

async function taken(file: string): Promise<boolean> {
  try {
    await (await open(file, "wx")).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
  }
  if (!(await isFresh(file))) {
    await rm(file, { force: true });
  }
  return false;
}

async function isFresh(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs < STALE;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
