/** One connection to the server: a language client for all files, and what it says that it can do. */

import * as vscode from "vscode";
import type {
  Executable,
  LanguageClientOptions,
  Middleware,
  StaticFeature,
} from "vscode-languageclient/node";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import { PROTOCOL } from "../protocol_gen";
import type { Launch } from "./launch";

export interface ClientParts {
  readonly launch: Launch;
  readonly channel: vscode.LogOutputChannel;
  readonly middleware: Middleware;
  /** The person's own settings, as the server takes them. */
  readonly settings: Record<string, unknown>;
}

/** Returns a client that is not started yet. It never restarts by itself: who made it decides that. */
export function makeClient(parts: ClientParts): LanguageClient {
  const { launch, channel } = parts;
  const cwd = vscode.workspace.workspaceFolders?.find((it) => it.uri.scheme === "file")?.uri.fsPath;
  const program: Executable = {
    command: launch.command,
    args: [...launch.args],
    options: { env: { ...launch.env }, ...(cwd === undefined ? {} : { cwd }) },
  };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
    diagnosticCollectionName: "postil",
    outputChannel: channel,
    traceOutputChannel: channel,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: { postil: { settings: parts.settings, trusted: vscode.workspace.isTrusted } },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    // What Postil says in a hover or a page quotes files and models: no commands, no markup.
    markdown: { isTrusted: false, supportHtml: false },
    middleware: parts.middleware,
  };
  const client = new LanguageClient("postil", "Postil", program, options);
  client.registerFeature(new Ours());
  return client;
}

/** Says what a client of Postil's own can do. */
class Ours implements StaticFeature {
  getState(): { kind: "static" } {
    return { kind: "static" };
  }

  fillClientCapabilities(capabilities: { experimental?: unknown }): void {
    const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
    capabilities.experimental = {
      ...experimental,
      postil: {
        protocol: PROTOCOL,
        save: true,
        diagnostics: true,
        symbols: true,
        words: true,
        documents: true,
        trusted: vscode.workspace.isTrusted,
      },
    };
  }

  initialize(): void {
    // It announces, and asks nothing.
  }

  clear(): void {
    // It holds nothing.
  }
}
