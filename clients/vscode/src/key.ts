/** The key: in the system's secret storage, handed to the server in memory, and nowhere else. */

import * as vscode from "vscode";
import type { KeyResult } from "./protocol_gen";
import type { Secrets } from "./redact";
import type { Server } from "./client/server";
import { plain } from "./client/plain";
import { sentence } from "./client/requests";

const NAME = "postil.apiKey";

export type KeyStatus = "set" | "missing" | "rejected" | "not_needed" | "unknown";

/** Returns how a key stands by where it comes from. */
export function keyStatus(result: KeyResult): KeyStatus {
  if (result.source === null) {
    return result.problem === "" ? "missing" : "rejected";
  }
  return result.source === "local" || result.source === "sdk" ? "not_needed" : "set";
}

export class Key implements vscode.Disposable {
  status: KeyStatus = "unknown";
  private readonly changed = new vscode.EventEmitter<KeyStatus>();
  readonly onStatus = this.changed.event;
  private readonly listener: vscode.Disposable;
  /** What the server has from here; empty where it was told that there is none. */
  private handed: string | undefined;

  constructor(
    private readonly storage: vscode.SecretStorage,
    private readonly secrets: Secrets,
    private readonly server: Server,
  ) {
    this.listener = storage.onDidChange(({ key }) => {
      if (key === NAME) {
        void this.follow();
      }
    });
  }

  dispose(): void {
    this.listener.dispose();
    this.changed.dispose();
  }

  /** Hands the stored key over to a server that has just started; without one the server says where it has one from. */
  async handOver(): Promise<void> {
    const key = await this.storage.get(NAME);
    if (key !== undefined) {
      this.secrets.add(key);
    }
    await this.tell(key === undefined ? {} : { key });
  }

  /** Takes over what another window has set or removed; what was done here is known already. */
  private async follow(): Promise<void> {
    const key = (await this.storage.get(NAME)) ?? "";
    if (key !== "") {
      this.secrets.add(key);
    }
    if (key !== (this.handed ?? "")) {
      await this.tell({ key });
    }
  }

  /** Asks for the key and keeps it. */
  async set(): Promise<void> {
    const key = await vscode.window.showInputBox({
      title: "Set API Key",
      prompt: "It goes into the system’s secret storage. It is never written to settings or logs.",
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (isKey(text) ? undefined : "This is not a key. Paste it whole, on one line."),
    });
    if (key === undefined) {
      return;
    }
    this.secrets.add(key.trim());
    this.handed = key.trim();
    await this.storage.store(NAME, key.trim());
    const result = await this.tell({ key: key.trim() });
    if (result?.source === "environment") {
      void vscode.window.showInformationMessage(
        "The key is kept. The one in the environment (ANTHROPIC_API_KEY) is used before it.",
      );
    }
  }

  /** Forgets the key. */
  async remove(): Promise<void> {
    this.handed = "";
    await this.storage.delete(NAME);
    await this.tell({ key: "" });
  }

  /** Takes note that the service refused the key, or took it. */
  note(status: KeyStatus): void {
    if (status !== this.status) {
      this.status = status;
      this.changed.fire(status);
    }
  }

  private async tell(params: { key?: string }): Promise<KeyResult | undefined> {
    if (!this.server.ready) {
      return undefined;
    }
    this.handed = params.key ?? "";
    try {
      const result = await this.server.ask("postil/key", params);
      this.note(keyStatus(result));
      return result;
    } catch (error) {
      this.note("unknown");
      void vscode.window.showErrorMessage(plain(`Postil: ${sentence(error)}`));
      return undefined;
    }
  }
}

function isKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text.trim());
}
