/** Where VS Code starts Postil: everything is made here, and ends when the window does. */

import * as vscode from "vscode";
import { Bridge } from "./chat/bridge";
import { ChatView, VIEW } from "./chat/view";
import { Afresh } from "./client/afresh";
import { ClientRequests } from "./client/clientRequests";
import { middleware } from "./client/middleware";
import { sentence } from "./client/requests";
import { Server } from "./client/server";
import { editorCommands } from "./commands/editor";
import { register } from "./commands/register";
import { sessionCommands } from "./commands/session";
import { Conversation } from "./host/conversation";
import type { Parts } from "./host/parts";
import { completed } from "./host/questions";
import { QuestionLens } from "./host/questionLens";
import { Indicators } from "./host/indicators";
import { SandboxAndOwner } from "./host/sandboxAndOwner";
import { ServerLauncher } from "./install/launcher";
import { Key } from "./key";
import { redactedChannel } from "./log";
import { Secrets } from "./redact";
import { reportIssue } from "./report";
import { HunkActions, KINDS } from "./review/actions";
import { Contents, SCHEME } from "./review/contents";
import { HunkHints } from "./review/hints";
import { HunkLenses } from "./review/lenses";
import { Review } from "./review/review";
import { handedOptions, startedWith } from "./settings";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const parts = make(context);
  server = parts.server;
  const bridge = new Bridge(parts);
  context.subscriptions.push(
    bridge,
    new Indicators(parts),
    vscode.window.registerWebviewViewProvider(VIEW, parts.chat, {
      webviewOptions: { retainContextWhenHidden: true },
    }),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, parts.contents),
    ...provided(context, parts),
    register({ ...sessionCommands(parts), ...editorCommands(parts), ...ownCommands(parts) }),
    parts.server.onPhase((phase) => {
      if (phase === "ready") {
        void begin(parts, bridge);
      }
    }),
    parts.conversation.onOpened((opening) =>
      parts.review.begin(
        opening?.sessionId ?? "",
        opening?.result.events ?? [],
        opening?.result.readOnly ?? false,
      ),
    ),
    parts.conversation.onUpdate((update) => follow(parts, update)),
    ...watched(parts),
  );
  if ((vscode.workspace.workspaceFolders ?? []).length > 0) {
    void parts.server.start();
  } else {
    parts.server.explain("No folder is open. Postil works on the files of a folder.");
  }
}

/** Stops the server in order, so that what was at work can be resumed. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}

function make(context: vscode.ExtensionContext): Parts {
  const secrets = new Secrets();
  const channel = redactedChannel("Postil", secrets);
  const requests = new ClientRequests();
  const settings = (): Record<string, unknown> => {
    const said = vscode.workspace.getConfiguration("postil");
    return handedOptions((key) => said.inspect(key));
  };
  const made: Server = new Server({
    channel,
    requests,
    settings,
    clean: (text) => secrets.clean(text),
    launcher: (failed) => {
      made.startedWith = settingsNow();
      return launcher.launch(failed);
    },
    middleware: () => middleware((answer) => completed(parts, answer), made.underWay),
  });
  const chat = new ChatView(
    vscode.Uri.joinPath(context.extensionUri, "dist"),
    vscode.Uri.joinPath(context.extensionUri, "media"),
    channel,
  );
  const launcher = new ServerLauncher(
    context,
    channel,
    (message) => made.explain(message),
    () => chat.visible,
  );
  const contents = new Contents(made);
  const conversation = new Conversation(made, context.workspaceState, channel);
  const parts: Parts = {
    context,
    channel,
    secrets,
    server: made,
    launcher,
    contents,
    key: new Key(context.secrets, secrets, made),
    conversation,
    sandboxAndOwner: new SandboxAndOwner(made, conversation, channel),
    review: new Review(made, contents, context.workspaceState),
    chat,
  };
  context.subscriptions.push(
    channel,
    requests,
    launcher,
    made,
    parts.key,
    parts.conversation,
    parts.sandboxAndOwner,
    parts.review,
    parts.chat,
  );
  return parts;
}

/** Returns what a server would be started with. */
function settingsNow(): string {
  const said = vscode.workspace.getConfiguration("postil");
  return startedWith((key) => said.inspect(key));
}

/** What documents show and offer beside what the server does. */
function provided(context: vscode.ExtensionContext, parts: Parts): vscode.Disposable[] {
  const files = { scheme: "file" };
  const hunks = new HunkLenses(parts.review);
  const questions = new QuestionLens(parts.conversation);
  context.subscriptions.push(hunks, questions, new HunkHints(parts.review));
  return [
    vscode.languages.registerCodeLensProvider(files, hunks),
    vscode.languages.registerCodeLensProvider(files, questions),
    vscode.languages.registerCodeActionsProvider(files, new HunkActions(parts.review), {
      providedCodeActionKinds: KINDS,
    }),
  ];
}

/** Gives a server that has started what it needs, and opens what was in view. */
async function begin(parts: Parts, bridge: Bridge): Promise<void> {
  if (parts.server.ready) {
    try {
      await parts.key.handOver();
      await bridge.learn();
      await parts.conversation.restore();
      await parts.sandboxAndOwner.learn();
    } catch (error) {
      parts.channel.error(`The server has started, and something was not to be had: ${sentence(error)}`);
    }
  }
}

function follow(parts: Parts, update: Parameters<Parameters<Conversation["onUpdate"]>[0]>[0]): void {
  const { event } = update;
  parts.review.follow(update);
  if (event.type === "ModelFailed" && event.kind === "authentication") {
    parts.key.note("rejected");
  } else if (event.type === "ModelReplied" && parts.key.status === "rejected") {
    parts.key.note("set");
  }
}

function ownCommands(parts: Parts): Record<string, () => unknown> {
  return {
    "postil.setKey": () => parts.key.set(),
    "postil.removeKey": () => parts.key.remove(),
    "postil.restartServer": () => parts.server.restart(),
    "postil.showLog": () => parts.channel.show(),
    "postil.reportIssue": () => reportIssue(parts),
    "postil.openWalkthrough": () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", "postil.postil#postil.begin", false),
  };
}

/** Follows what changes around: settings, folders, trust. A server at work is not interrupted for a setting. */
function watched(parts: Parts): vscode.Disposable[] {
  const { server: it, conversation } = parts;
  const afresh = new Afresh({
    busy: () => conversation.busy,
    works: async () => (await conversation.list()).some((row) => row.busy),
    ready: () => it.ready,
    underWay: it.underWay,
    restart: () => void it.restart(),
  });
  return [
    conversation.onChange(() => void afresh.look()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration("postil") || it.startedWith === undefined) {
        return;
      }
      if (it.startedWith === settingsNow()) {
        afresh.leave();
      } else {
        afresh.want();
      }
    }),
    // A server that runs follows the folders by itself; without one there was none to work in.
    vscode.workspace.onDidChangeWorkspaceFolders(({ added }) => {
      if (added.length > 0 && it.phase === "stopped") {
        void it.start();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (it.ready) {
        it.ask("postil.server.trust.client", { trusted: true }).catch((error: unknown) => {
          parts.channel.error(`The server was not told that the workspace is trusted: ${sentence(error)}`);
        });
      }
    }),
  ];
}
