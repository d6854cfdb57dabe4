/** Finds what to start: what a setting names, or the server in its private environment, installed after one consent. */

import { join } from "node:path";
import * as vscode from "vscode";
import type { Launch } from "../client/launch";
import { fromEnvironment, fromSetting } from "../client/launch";
import { plain } from "../client/plain";
import { chosenInterpreter } from "../python/extension";
import type { Candidate, Found, Search } from "../python/find";
import { findPython, LATE, told } from "../python/find";
import { onPath, probe } from "../python/probe";
import type { Asked } from "./consent";
import { Consent, consentWords } from "./consent";
import type { Environment, Places } from "./environment";
import { bundled, existing, install, tidy, works } from "./environment";
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
  /** What a person should know of it, as a sentence; empty where all is well. */
  why: string;
}

export interface InstallStatus extends Asked {
  readonly state: "waits" | "runs";
}

export class ServerLauncher implements vscode.Disposable {
  python: PythonStatus = { state: "unknown", version: "", path: "", why: "" };
  private readonly consent = new Consent();
  /** What is being installed; one at a time in a window. */
  private installing:
    | { readonly with: Asked; readonly abort: AbortController; readonly made: Promise<Environment> }
    | undefined;

  /** `seen` says whether the chat is in sight: what it asks there pops up nowhere else. */
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly channel: vscode.LogOutputChannel,
    private readonly explain: (message: string) => void,
    private readonly seen: () => boolean,
  ) {}

  /** How the installation stands: it waits for a consent, or is under way. */
  get install(): InstallStatus | null {
    const { asked } = this.consent;
    if (asked !== undefined) {
      return { state: "waits", ...asked };
    }
    return this.installing === undefined ? null : { state: "runs", ...this.installing.with };
  }

  /** Takes the consent to an installation with the Python that was shown. */
  agree(asked: Asked): void {
    this.consent.give(asked);
  }

  /** Ends an installation that is not done: the next start begins it again. */
  cancel(): void {
    this.installing?.abort.abort();
  }

  dispose(): void {
    this.cancel();
  }

  /** Returns what to start; undefined, having said why, where there is nothing. Rejects with a sentence.
   *
   * Where the last start `failed` before the server said anything, an environment is looked at, and made anew if that is why.
   */
  async launch(failed = false): Promise<Launch | undefined> {
    const launch = await this.found(failed);
    if (launch !== undefined) {
      this.consent.withdraw();
    }
    return launch;
  }

  private async found(failed: boolean): Promise<Launch | undefined> {
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
    const there = await this.there(bundle, failed);
    const environment = there ?? (await this.made(bundle));
    if (environment === undefined) {
      return undefined;
    }
    this.python = { state: "found", version: environment.version, path: environment.python, why: "" };
    await recordEnvironments(this.context.extensionPath, this.places.environments);
    void tidy(this.places, environment);
    return fromEnvironment(environment.python, process.env);
  }

  /** Returns the environment that is there already: of whichever Python, unless the person has named one. */
  private async there(bundle: Bundle, failed: boolean): Promise<Environment | undefined> {
    const named = interpreterSetting();
    const version = named === "" ? undefined : ((await probe(named)) ?? undefined);
    if (named !== "" && version === undefined) {
      return undefined;
    }
    const there = await existing(this.places, bundle, version);
    if (there === undefined || !failed || (await works(there))) {
      return there;
    }
    this.channel.warn(`The environment ${there.folder} does not work any more, and is made anew.`);
    return undefined;
  }

  /** Makes one, with the person's consent; undefined, having said why, where that cannot be. */
  private async made(bundle: Bundle): Promise<Environment | undefined> {
    const search = await this.search();
    if (search.kind !== "found") {
      this.consent.withdraw();
      this.explain(this.python.why);
      return undefined;
    }
    const python = search.python;
    const { major, minor } = python.version;
    const asked = { version: `${major}.${minor}`, path: python.path };
    if (!(await this.agreed(asked))) {
      return undefined; // Another start asks about another Python by now, or needs none.
    }
    this.explain("Postil’s server is being installed.");
    const installing = (this.installing ??= { with: asked, ...this.begin(bundle, python) });
    try {
      return await installing.made;
    } finally {
      this.installing = undefined;
    }
  }

  private begin(bundle: Bundle, python: Found): { abort: AbortController; made: Promise<Environment> } {
    const abort = new AbortController();
    const options = { location: vscode.ProgressLocation.Notification, title: "Postil", cancellable: true };
    const made = vscode.window.withProgress(options, (progress, token) => {
      token.onCancellationRequested(() => abort.abort());
      const tell = {
        step: (title: string) => {
          progress.report({ message: title });
          this.explain(`${title}…`);
          this.channel.info(title);
        },
        line: (text: string) => this.channel.info(text),
      };
      return install(this.places, bundle, python, tell, abort.signal);
    });
    return { abort, made: Promise.resolve(made) };
  }

  private get places(): Places {
    return {
      bundle: join(this.context.extensionPath, "server"),
      environments: join(this.context.globalStorageUri.fsPath, "environments"),
    };
  }

  private async search(): Promise<Search> {
    this.explain("Looking for a Python that Postil can run on.");
    const { found, late } = await candidates();
    if (late) {
      this.explain(`${LATE} What is on PATH is tried.`);
      this.channel.warn(`${LATE} What is on PATH is tried.`);
    }
    const search = await findPython(found, probe);
    const why = told(search, late);
    if (search.kind === "found" || search.kind === "too-old" || search.kind === "no-venv") {
      const { version, path } = search.python;
      const state = search.kind === "found" ? "found" : "old";
      this.python = { state, version: `${version.major}.${version.minor}`, path, why };
    } else {
      this.python = {
        state: "missing",
        version: "",
        path: search.kind === "unusable" ? search.candidate.path : "",
        why,
      };
    }
    return search;
  }

  /** Asks once for all: later servers come with later versions of the extension. */
  private async agreed(asked: Asked): Promise<boolean> {
    if (this.context.globalState.get<boolean>(CONSENT) === true) {
      return true;
    }
    const answer = this.consent.ask(asked);
    this.explain("Postil’s server waits for your consent to be installed.");
    if (!this.seen()) {
      void this.notify(asked);
    }
    if (!(await answer)) {
      return false;
    }
    await this.context.globalState.update(CONSENT, true);
    return true;
  }

  /** Asks by a message as well. It goes by itself after a while; what it asks stays in the chat. */
  private async notify(asked: Asked): Promise<void> {
    const answer = await vscode.window.showInformationMessage(
      plain(consentWords(asked)),
      INSTALL,
      INTERPRETER,
    );
    if (answer === INSTALL) {
      this.agree(asked);
    } else if (answer === INTERPRETER) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "postil.python.interpreter");
    }
  }
}

/** Returns the interpreters to try, in order, and whether one that was asked was late; a folder that is not trusted has no say. */
async function candidates(): Promise<{ found: Candidate[]; late: boolean }> {
  const setting = interpreterSetting();
  if (setting !== "") {
    return { found: [{ source: "setting", path: setting }], late: false };
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  const chosen = vscode.workspace.isTrusted ? await chosenInterpreter(folders[0]?.uri) : undefined;
  const roots = folders.filter((it) => it.uri.scheme === "file").map((it) => it.uri.fsPath);
  const paths = await onPath(process.env["PATH"] ?? "", process.platform, roots);
  const found = paths.map((path): Candidate => ({ source: "path", path }));
  if (chosen?.path !== undefined) {
    found.unshift({ source: "extension", path: chosen.path });
  }
  return { found, late: chosen?.late === true };
}

/** Returns the Python that the person has named; empty where they left that to Postil. */
function interpreterSetting(): string {
  const said = vscode.workspace.getConfiguration("postil").inspect<string>("python.interpreter")?.globalValue;
  return typeof said === "string" ? said : "";
}
