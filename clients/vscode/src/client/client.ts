/** One connection to the server: a language client for all files, and what it says that it can do. */

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import * as vscode from "vscode";
import type {
  Executable,
  LanguageClientOptions,
  Middleware,
  StaticFeature,
} from "vscode-languageclient/node";
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import { PROTOCOL } from "../protocol_gen";
import { FOLLOWED } from "./followed";
import type { LastWords } from "./lastWords";
import type { Launch } from "./launch";
import { plainMessages } from "./plain";

export interface ClientParts {
  readonly launch: Launch;
  readonly channel: vscode.LogOutputChannel;
  readonly words: LastWords;
  readonly middleware: Middleware;
  /** The person's own settings, as the server takes them. */
  readonly settings: Record<string, unknown>;
}

/** Returns a client that is not started yet. It never restarts by itself: who made it decides that. */
export function makeClient(parts: ClientParts): LanguageClient {
  const { launch, channel, words } = parts;
  const cwd = vscode.workspace.workspaceFolders?.find((it) => it.uri.scheme === "file")?.uri.fsPath;
  const program: Executable = {
    command: launch.command,
    args: [...launch.args],
    options: { env: { ...launch.env }, ...(cwd === undefined ? {} : { cwd }) },
  };
  const options: LanguageClientOptions = {
    documentSelector: FOLLOWED.map((scheme) => ({ scheme })),
    diagnosticCollectionName: "postil",
    outputChannel: channel,
    traceOutputChannel: channel,
    stdioOptions: {
      stdout: (input) => void lines(input, (line) => channel.info(line)),
      stderr: (input) => {
        const read = lines(input, (line) => {
          words.take(line);
          channel.error(line);
        });
        words.until(read);
      },
    },
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
    connectionOptions: { messageStrategy: plainMessages },
  };
  const client = new Quiet("postil", "Postil", program, options);
  client.registerFeature(new Ours());
  return client;
}

/** Hands on line by line what comes; resolves at its end. */
function lines(input: Readable, take: (line: string) => void): Promise<void> {
  const reader = createInterface({ input, crlfDelay: Infinity, terminal: false, historySize: 0 });
  reader.on("line", take);
  return new Promise((resolve) => reader.once("close", resolve));
}

/** Pops nothing up: a start that fails is told by the phase, in the chat and the status bar, and is tried again. */
class Quiet extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
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
