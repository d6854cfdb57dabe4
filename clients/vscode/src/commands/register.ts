/** Registers commands: whatever one of them runs into is told in a sentence, and never as an error of VS Code's. */

import * as vscode from "vscode";
import { complain } from "../host/pickers";

export type Command = (...args: never[]) => unknown;

/** Registers them all. */
export function register(commands: Readonly<Record<string, Command>>): vscode.Disposable {
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(name, async (...args: unknown[]): Promise<unknown> => {
      try {
        return await (run as (...given: unknown[]) => unknown)(...args);
      } catch (error) {
        complain(error);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
