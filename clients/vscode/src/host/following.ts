/** Follows a link of the model's prose: to a file of the workspace, or to the web after VS Code's own question. */

import { realpath, stat } from "node:fs/promises";
import * as vscode from "vscode";
import { isWithin, placesOf, targetOf } from "./links";
import { openFile } from "./opening";

/** Opens what a link leads to. What leads out of the workspace, and every other kind of address, is not opened. */
export async function followLink(href: string): Promise<void> {
  const target = targetOf(href);
  if (target.kind === "web") {
    // Strictly, and as it is: VS Code asks whether to leave for an address that the person does not trust.
    await vscode.env.openExternal(vscode.Uri.parse(target.href, true));
    return;
  }
  const path = target.kind === "file" ? await fileOf(target.path) : undefined;
  if (target.kind === "none" || path === undefined) {
    void vscode.window.showInformationMessage("This link leads to no file of the workspace.");
    return;
  }
  await openFile(path, target.line);
}

/** Returns the file of the workspace that a path means, where there is one and no link on the way leads out of it. */
async function fileOf(path: string): Promise<string | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? [])
    .filter((it) => it.uri.scheme === "file")
    .map((it) => it.uri.fsPath);
  const roots = await Promise.all(folders.map((it) => realpath(it).catch(() => it)));
  for (const place of placesOf(path, folders)) {
    try {
      const real = await realpath(place);
      if (roots.some((it) => isWithin(real, it)) && (await stat(real)).isFile()) {
        return place;
      }
    } catch {
      // It is not there; perhaps the next one is.
    }
  }
  return undefined;
}
