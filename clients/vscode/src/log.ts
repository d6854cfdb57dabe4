/** The output channel, from which secrets are taken out whatever writes into it. */

import * as vscode from "vscode";
import { Secrets } from "./redact";

const WRITES = new Set(["append", "appendLine", "replace", "trace", "debug", "info", "warn", "error"]);

/** Returns a channel in which no secret is ever written; the level is VS Code's own, set by "Set Log Level". */
export function redactedChannel(name: string, secrets: Secrets): vscode.LogOutputChannel {
  const channel = vscode.window.createOutputChannel(name, { log: true });
  return new Proxy(channel, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") {
        return value;
      }
      if (typeof property === "string" && WRITES.has(property)) {
        return (...args: unknown[]): unknown =>
          Reflect.apply(
            value,
            target,
            args.map((arg) => secrets.cleanValue(arg)),
          ) as unknown;
      }
      return value.bind(target) as unknown;
    },
  });
}
