/** What the Python extension says of the interpreter that the person has chosen there. */

import * as vscode from "vscode";
import type { Chosen, PythonApi } from "./chosen";
import { chosenIn } from "./chosen";

/** It may have environments to find first; one that hangs holds nobody up for longer. */
const WITHIN = 10_000;

/** Returns its interpreter; none where there is no such extension, or it says nothing in time. Never rejects. */
export function chosenInterpreter(folder: vscode.Uri | undefined): Promise<Chosen> {
  return chosenIn(vscode.extensions.getExtension<PythonApi<vscode.Uri>>("ms-python.python"), folder, WITHIN);
}
