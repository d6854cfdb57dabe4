/** Tells the uninstall hook, which knows nothing of VS Code, where the environments are. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A file in the extension's own folder. */
export const RECORD = "installed.json";

/** Writes it down; where the extension's folder cannot be written, uninstalling leaves the environment behind. */
export async function recordEnvironments(extension: string, environments: string): Promise<void> {
  try {
    await writeFile(join(extension, RECORD), `${JSON.stringify({ environments })}\n`);
  } catch {
    // See above.
  }
}
