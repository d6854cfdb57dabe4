/** Where VS Code starts Postil: everything is made here, and ends when the window does. */

import type * as vscode from "vscode";

export function activate(context: vscode.ExtensionContext): void {
  // Comes with the next change.
}
