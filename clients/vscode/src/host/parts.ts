/** What the commands, the chat and the status bar share. */

import type * as vscode from "vscode";
import type { ChatView } from "../chat/view";
import type { Server } from "../client/server";
import type { ServerLauncher } from "../install/launcher";
import type { Key } from "../key";
import type { Secrets } from "../redact";
import type { Contents } from "../review/contents";
import type { Review } from "../review/review";
import type { Conversation } from "./conversation";
import type { SandboxAndOwner } from "./sandboxAndOwner";

export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly channel: vscode.LogOutputChannel;
  readonly secrets: Secrets;
  readonly server: Server;
  readonly launcher: ServerLauncher;
  readonly key: Key;
  readonly conversation: Conversation;
  readonly sandboxAndOwner: SandboxAndOwner;
  readonly contents: Contents;
  readonly review: Review;
  readonly chat: ChatView;
}
