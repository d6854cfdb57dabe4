/** What the Python extension says of the interpreter that the person has chosen there. */

import * as vscode from "vscode";

/** As much of its published interface as is used. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path?: string };
    resolveEnvironment(path: {
      readonly path?: string;
    }): Promise<{ readonly executable?: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/** Returns its interpreter; undefined where there is no such extension, or it has none. Never rejects. */
export async function chosenInterpreter(folder: vscode.Uri | undefined): Promise<string | undefined> {
  try {
    const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
    if (extension === undefined) {
      return undefined;
    }
    const python = extension.isActive ? extension.exports : await extension.activate();
    const environments = python.environments;
    if (environments === undefined) {
      return undefined;
    }
    const active = environments.getActiveEnvironmentPath(folder);
    const resolved = await environments.resolveEnvironment(active);
    return resolved?.executable?.uri?.fsPath ?? undefined;
  } catch {
    return undefined;
  }
}
