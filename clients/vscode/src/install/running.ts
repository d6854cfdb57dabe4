/** Runs one program of an installation, with all that it starts, and ends all of it when the person cancels. */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { forInstallation } from "../client/launch";
import type { Step } from "./plan";
import { failure } from "./plan";

/** What happens during an installation. */
export interface Told {
  step(title: string): void;
  line(text: string): void;
}

const GRACE = 3_000;
/** Of what it prints, for the reason of a failure. */
const KEPT = 20_000;

/** Runs a step; resolves when it has worked, and rejects with a sentence when all of it has ended. */
export function run(step: Step, cwd: string, told: Told, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const child = spawn(step.command, step.args, {
      cwd,
      env: forInstallation(process.env),
      // A group of its own: making an environment starts pip, which would go on writing by itself.
      detached: process.platform !== "win32",
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      end(child, "SIGTERM");
      timer = setTimeout(() => end(child, "SIGKILL"), GRACE);
    };
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    const take = (data: Buffer): void => {
      const text = data.toString("utf8");
      output = (output + text).slice(-KEPT);
      told.line(text.trimEnd());
    };
    signal.addEventListener("abort", stop);
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      over();
      reject(new Error(`${step.title} failed: ${error.message}.`));
    });
    child.on("close", (code) => {
      over();
      if (signal.aborted) {
        reject(cancelled());
      } else if (code === 0) {
        resolve();
      } else {
        reject(new Error(failure(step, output)));
      }
    });
  });
}

/** Returns what an installation that was cancelled says. */
export function cancelled(): Error {
  return new Error("The installation was cancelled. “Postil: Restart Server” begins it again.");
}

function end(child: ChildProcess, how: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined && process.platform !== "win32") {
      process.kill(-child.pid, how);
    } else {
      child.kill(how);
    }
  } catch {
    // It has ended by itself.
  }
}
