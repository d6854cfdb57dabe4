/** Finds what to start: what a setting names, or the server in its private environment, installed after one consent. */

import { join } from "node:path";
import * as vscode from "vscode";
import type { Launch } from "../client/launch";
import { fromEnvironment, fromSetting } from "../client/launch";
import { chosenInterpreter } from "../python/extension";
import type { Candidate, Found, Search } from "../python/find";
import { findPython, told } from "../python/find";
import { onPath, probe } from "../python/probe";
import { bundled, existing, install, type Places } from "./environment";
import type { Bundle } from "./plan";
import { recordEnvironments } from "./record";

const CONSENT = "postil.consentToInstall";
const INSTALL = "Install";
const INTERPRETER = "Choose Interpreter…";

/** What the launcher has found out, for the first-run view. */
export interface PythonStatus {
  state: "found" | "missing" | "old" | "unknown";
  version: string;
  path: string;
}

export class ServerLauncher {
  python: PythonStatus = { state: "unknown", version: "", path: "" };
  private asking: Thenable<string | undefined> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly channel: vscode.LogOutputChannel,
    private readonly explain: (message: string) => void,
  ) {}

  /** Returns what to start; undefined, having said why, where there is nothing. Rejects with a sentence. */
  async launch(): Promise<Launch | undefined> {
    const command = vscode.workspace
      .getConfiguration("postil")
      .inspect<string[]>("server.command")?.globalValue;
    const named = fromSetting(Array.isArray(command) ? command : [], process.env);
    if (named !== undefined) {
      return named;
    }
    const bundle = await bundled(this.places);
    if (bundle === undefined) {
      this.explain(
        "This build of the extension brings no server along. Name one by the setting postil.server.command.",
      );
      return undefined;
    }
    const search = await this.search();
    if (search.kind !== "found") {
      this.explain(told(search));
      return undefined;
    }
    const python = await this.environment(bundle, search.python);
    return python === undefined ? undefined : fromEnvironment(python, process.env);
  }

  private get places(): Places {
    return {
      bundle: join(this.context.extensionPath, "server"),
      environments: join(this.context.globalStorageUri.fsPath, "environments"),
    };
  }

  private async search(): Promise<Search> {
    const search = await findPython(await candidates(), probe);
    if (search.kind === "found" || search.kind === "too-old" || search.kind === "no-venv") {
      const { version, path } = search.python;
      const state = search.kind === "found" ? "found" : "old";
      this.python = { state, version: `${version.major}.${version.minor}`, path };
    } else {
      this.python = {
        state: "missing",
        version: "",
        path: search.kind === "unusable" ? search.candidate.path : "",
      };
    }
    return search;
  }

  private async environment(bundle: Bundle, python: Found): Promise<string | undefined> {
    const there = await existing(this.places, bundle, python);
    if (there !== undefined) {
      return there;
    }
    if (!(await this.agreed(python))) {
      this.explain("Postil’s server is not installed yet. “Postil: Restart Server” asks again.");
      return undefined;
    }
    const options = { location: vscode.ProgressLocation.Notification, title: "Postil", cancellable: true };
    const made = await vscode.window.withProgress(options, (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const tell = {
        step: (title: string) => {
          progress.report({ message: title });
          this.channel.info(title);
        },
        line: (text: string) => this.channel.info(text),
      };
      return install(this.places, bundle, python, tell, abort.signal);
    });
    await recordEnvironments(this.context.extensionPath, this.places.environments);
    return made;
  }

  /** Asks once for all: later servers come with later versions of the extension. Closing the message answers nothing. */
  private async agreed(python: Found): Promise<boolean> {
    if (this.context.globalState.get<boolean>(CONSENT) === true) {
      return true;
    }
    const words =
      "Postil’s server is installed into a private environment, with Python " +
      `${python.version.major}.${python.version.minor} from ${python.path} and packages from your package index, each held against its hash. Nothing else on this machine changes.`;
    this.explain(
      "Postil’s server waits for your consent to be installed: see the notification, or run “Postil: Restart Server”.",
    );
    this.asking ??= vscode.window.showInformationMessage(words, INSTALL, INTERPRETER);
    const answer = await this.asking;
    this.asking = undefined;
    if (answer === INTERPRETER) {
      void vscode.commands.executeCommand("workbench.action.openSettings", "postil.python.interpreter");
    }
    if (answer === INSTALL) {
      await this.context.globalState.update(CONSENT, true);
    }
    return answer === INSTALL;
  }
}

/** Returns the interpreters to try, in order; a folder that is not trusted has no say. */
async function candidates(): Promise<Candidate[]> {
  const setting = vscode.workspace
    .getConfiguration("postil")
    .inspect<string>("python.interpreter")?.globalValue;
  if (setting !== undefined && setting !== "") {
    return [{ source: "setting", path: setting }];
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found: Candidate[] = [];
  const chosen = vscode.workspace.isTrusted ? await chosenInterpreter(folders[0]?.uri) : undefined;
  if (chosen !== undefined) {
    found.push({ source: "extension", path: chosen });
  }
  const roots = folders.filter((it) => it.uri.scheme === "file").map((it) => it.uri.fsPath);
  const paths = await onPath(process.env["PATH"] ?? "", process.platform, roots);
  return [...found, ...paths.map((path): Candidate => ({ source: "path", path }))];
}
