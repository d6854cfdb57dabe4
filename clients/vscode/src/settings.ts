/** What the person's own settings say, as the server takes it. */

import { OPTIONS } from "./options_gen";

/** What VS Code knows of one setting. */
export interface Inspected {
  readonly globalValue?: unknown;
}

/** Returns the options that the person has set; what they left alone stays with their settings.toml and the defaults.
 *
 * Only their own settings count. A workspace's are refused by the scope of each setting, and are not asked here.
 */
export function handedOptions(inspect: (key: string) => Inspected | undefined): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [key, way] of Object.entries(OPTIONS)) {
    const value = inspect(key)?.globalValue;
    if (value === undefined || value === "" || value === null) {
      continue;
    }
    let table = options;
    for (const name of way.slice(0, -1)) {
      table = (table[name] ??= {}) as Record<string, unknown>;
    }
    table[way[way.length - 1] ?? key] = value;
  }
  return options;
}

/** Returns all that a server is started with, as one text: as long as it stays the same, none has to be started again.
 *
 * VS Code tells of changes that change nothing, such as while it reads the settings of another machine.
 */
export function startedWith(inspect: (key: string) => Inspected | undefined): string {
  const keys = [...Object.keys(OPTIONS), "server.command", "python.interpreter"];
  return JSON.stringify(keys.map((key) => [key, inspect(key)?.globalValue ?? null]));
}
