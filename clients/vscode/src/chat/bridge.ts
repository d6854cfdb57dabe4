/** Between the chat and everything else: says how things stand, asks the server on the chat's behalf, does what it wishes. */

import * as vscode from "vscode";
import { sentence } from "../client/requests";
import type { Parts } from "../host/parts";
import { complain } from "../host/pickers";
import type { ChatCommand, FromView, Settings, Status } from "./messages";
import { chatCommands } from "./actions";
import { MODES } from "../options_gen";

export class Bridge implements vscode.Disposable {
  private models: Settings["models"] = [];
  private modes: Settings["modes"] = [...MODES];
  /** How many questions of other sessions the chat was told of. */
  private elsewhere = 0;
  /** What it was told of changes of other sessions. */
  private said = "null";
  private readonly actions: ReturnType<typeof chatCommands>;
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly parts: Parts) {
    const { chat, conversation, server, key, review, sandboxAndOwner } = parts;
    this.actions = chatCommands(parts);
    this.listeners = [
      chat.onMessage((message) => void this.take(message).catch(complain)),
      conversation.onUpdate((update) => chat.update(update)),
      conversation.onOpened((opening) => {
        if (opening === undefined) {
          this.begin();
        } else {
          const { events, seq, suspended, readOnly, note } = opening.result;
          chat.post({
            type: "sessionOpened",
            sessionId: opening.sessionId,
            seq,
            events,
            suspended,
            readOnly,
            note,
          });
          this.status();
          this.reviewed();
        }
      }),
      conversation.onChange(() => {
        if (conversation.elsewhere.length !== this.elsewhere) {
          this.status();
        }
      }),
      server.onPhase(() => this.status()),
      key.onStatus(() => this.status()),
      sandboxAndOwner.onChange(() => this.status()),
      review.onChange(() => {
        this.reviewed();
        if (JSON.stringify(this.unreviewed()) !== this.said) {
          this.status();
        }
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.status()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("postil")) {
          chat.post({ type: "settings", settings: this.settings() });
        }
      }),
    ];
  }

  dispose(): void {
    for (const it of this.listeners) {
      it.dispose();
    }
  }

  /** Learns from a server that has started what can be chosen. */
  async learn(): Promise<void> {
    const [models, modes] = await Promise.all([
      this.parts.server.ask("postil/models", {}),
      this.parts.server.ask("postil/modes", {}),
    ]);
    this.models = models.models.map((it) => ({ id: it.name, title: it.name }));
    this.modes = modes.modes.map((it) => ({ id: it.name, title: it.title }));
    this.parts.chat.post({ type: "settings", settings: this.settings() });
  }

  private begin(): void {
    const { chat, context } = this.parts;
    const { version } = context.extension.packageJSON as { version: string };
    const mac = process.platform === "darwin";
    const state = { status: this.standing(), settings: this.settings() };
    chat.post({ type: "init", version, mac, sessionId: this.parts.conversation.id ?? null, ...state });
  }

  private async take(message: FromView): Promise<void> {
    const { chat, conversation, server, channel } = this.parts;
    switch (message.type) {
      case "ready":
        this.begin();
        try {
          if (conversation.id !== undefined && server.ready) {
            await conversation.open(conversation.id);
          }
        } finally {
          chat.catchUp();
        }
        return;
      case "request":
        // The method is one of the list: reading the message has seen to that, and the server judges the params.
        try {
          const result: unknown = await server.ask(message.method, message.params);
          chat.post({ type: "response", id: message.id, result });
        } catch (error) {
          chat.post({ type: "response", id: message.id, error: sentence(error) });
        }
        return;
      case "command":
        await this.run(message.command, message.args);
        return;
      case "focused":
        await vscode.commands.executeCommand("setContext", "postil.chatFocus", message.where !== "none");
        return;
      case "fault":
        channel.error(`The chat: ${message.message}`);
    }
  }

  /** Reading the message has held the arguments against the command's own. */
  private async run(command: ChatCommand, args: Record<string, unknown>): Promise<void> {
    const action = this.actions[command] as (args: Record<string, unknown>) => unknown;
    await action(args);
  }

  private status(): void {
    this.parts.chat.post({ type: "status", status: this.standing() });
  }

  private reviewed(): void {
    const { chat, review } = this.parts;
    const files = review.files();
    const open = files.flatMap((file) => file.changes.map(({ changeId, path }) => ({ changeId, path })));
    const counts = files.map((it) => ({ path: it.path, net: review.net(it) ?? null }));
    chat.post({ type: "review", sessionId: review.session, open, counts });
    if (counts.some((it) => it.net === null)) {
      void review.count().then((news) => {
        if (news) this.reviewed();
      });
    }
  }

  private unreviewed(): NonNullable<Status["unreviewed"]> | null {
    const { elsewhere } = this.parts.review;
    const [last] = elsewhere;
    const files = elsewhere.reduce((sum, it) => sum + it.files, 0);
    return last === undefined ? null : { sessionId: last.sessionId, files, sessions: elsewhere.length };
  }

  private standing(): Status {
    const { server, launcher, key, sandboxAndOwner, conversation } = this.parts;
    this.elsewhere = conversation.elsewhere.length;
    const unreviewed = this.unreviewed();
    this.said = JSON.stringify(unreviewed);
    return {
      unreviewed,
      elsewhere: this.elsewhere,
      server: server.phase,
      message: server.message,
      python: launcher.python,
      install: launcher.install,
      sandbox: sandboxAndOwner.sandbox,
      key: key.status,
      trust: vscode.workspace.isTrusted ? "trusted" : "restricted",
      folder: (vscode.workspace.workspaceFolders ?? []).length > 0,
      owner: sandboxAndOwner.owner,
    };
  }

  private settings(): Settings {
    const said = vscode.workspace.getConfiguration("postil");
    return {
      sendOn: said.get<string>("chat.sendOn") === "ctrlEnter" ? "ctrlEnter" : "enter",
      whileBusy: said.get<string>("chat.whileBusy") === "steer" ? "steer" : "queue",
      foldThinking: said.get<boolean>("chat.foldThinking", true),
      foldReads: said.get<boolean>("chat.foldReads", true),
      announce: announced(said.get<string>("chat.announce")),
      confirmRewind: said.get<boolean>("chat.confirmRewind", true),
      warnAt: warnAt(said.get("limits.warnAt")),
      models: this.models,
      modes: this.modes,
    };
  }
}

function announced(said: string | undefined): Settings["announce"] {
  return said === "all" || said === "off" ? said : "questions+ends";
}

function warnAt(said: unknown): number {
  return typeof said === "number" ? said : 1;
}
