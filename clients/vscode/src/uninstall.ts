/** Run by VS Code after the extension was removed: takes the private environment with it. */

import { readFileSync, rmSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { RECORD } from "./install/record";

try {
  const said = JSON.parse(readFileSync(join(__dirname, "..", RECORD), "utf8")) as { environments?: unknown };
  const folder = said.environments;
  // Only what this extension made: a folder of that very name, below one with the extension's own.
  if (typeof folder === "string" && isAbsolute(folder) && basename(folder) === "environments") {
    rmSync(folder, { recursive: true, force: true });
  }
} catch {
  // Nothing was installed, or it is gone already.
}
