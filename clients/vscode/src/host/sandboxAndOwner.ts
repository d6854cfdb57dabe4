/** How things stand beside the events: the sandbox that commands run in, and who has the session where it is not this window. */

import * as vscode from "vscode";
import type { Status } from "../chat/messages";
import { sentence } from "../client/requests";
import type { Server } from "../client/server";
import type { Conversation } from "./conversation";
import { ownerOf } from "./words";

/** How often it is looked whether another window still has the session: a window that is killed says nothing. */
const LOOKS_EVERY = 3_000;

export class SandboxAndOwner implements vscode.Disposable {
  sandbox: Status["sandbox"] = { state: "unknown", name: "", why: "" };
  owner: Status["owner"] = null;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private readonly listeners: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Server,
    private readonly conversation: Conversation,
    private readonly channel: vscode.LogOutputChannel,
  ) {
    this.listeners = [
      conversation.onOpened(() => void this.lookAtOwner()),
      conversation.onOwner(() => void this.lookAtOwner()),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const it of [...this.listeners, this.changed]) {
      it.dispose();
    }
  }

  /** Asks a server that has started. */
  async learn(): Promise<void> {
    const { name, why } = await this.server.ask("postil/sandbox", {});
    this.sandbox = { state: name === "" ? "none" : "ready", name, why };
    this.changed.fire();
  }

  /** Asks who has the session in view, and again for as long as it can only be read here. */
  private async lookAtOwner(): Promise<void> {
    clearTimeout(this.timer);
    const { id, readOnly } = this.conversation;
    let owner: Status["owner"] = null;
    if (readOnly && id !== undefined && this.server.ready) {
      try {
        owner = ownerOf((await this.server.ask("postil/session/owner", { sessionId: id })).owner);
      } catch (error) {
        this.channel.info(`It is not known who has the session: ${sentence(error)}`);
      }
    }
    if (id !== this.conversation.id || readOnly !== this.conversation.readOnly) {
      return; // Another one is in view by now, and is asked about by itself.
    }
    if (JSON.stringify(owner) !== JSON.stringify(this.owner)) {
      this.owner = owner;
      this.changed.fire();
    }
    if (readOnly) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.lookAtOwner(), LOOKS_EVERY);
    }
  }
}
