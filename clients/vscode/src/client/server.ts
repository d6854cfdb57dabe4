/** The server's life: started, watched, started again after a crash, and the same for what listens to it. */

import * as vscode from "vscode";
import type { LanguageClient, Middleware } from "vscode-languageclient/node";
import { State } from "vscode-languageclient/node";
import type { Update } from "../protocol_gen";
import { UPDATE } from "../protocol_gen";
import { makeClient } from "./client";
import type { ClientRequests } from "./clientRequests";
import type { Launch } from "./launch";
import type { Methods } from "./requests";
import { ask, sentence } from "./requests";
import { RestartPolicy } from "./restart";

export type Phase = "starting" | "ready" | "failed" | "stopped" | "restarting";

/** Finds out what to start; undefined, having said why, where there is nothing to. */
export type Launcher = () => Promise<Launch | undefined>;

export interface ServerParts {
  readonly channel: vscode.LogOutputChannel;
  readonly launcher: Launcher;
  readonly requests: ClientRequests;
  readonly settings: () => Record<string, unknown>;
  readonly middleware: () => Middleware;
}

const STOP_WITHIN = 5_000;

/** The server, whichever process it is at the moment. */
export class Server implements vscode.Disposable {
  phase: Phase = "stopped";
  /** What a person should know where it is not there. */
  message = "";
  private client: LanguageClient | undefined;
  private readonly listeners: { dispose(): unknown }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private run = 0;
  private readonly policy = new RestartPolicy();
  private readonly changed = new vscode.EventEmitter<Phase>();
  private readonly updated = new vscode.EventEmitter<Update>();
  readonly onPhase = this.changed.event;
  readonly onUpdate = this.updated.event;

  constructor(private readonly parts: ServerParts) {}

  get ready(): boolean {
    return this.phase === "ready";
  }

  /** Asks the server. Rejects with a sentence where it is not there, or says no. */
  async ask<M extends keyof Methods>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    if (this.client === undefined || !this.ready) {
      throw new Error(this.message || "Postil's server is not running. Run “Postil: Restart Server”.");
    }
    return ask(this.client, method, params);
  }

  /** Starts it; what fails is told by the phase. */
  async start(phase: "starting" | "restarting" = "starting"): Promise<void> {
    const run = ++this.run;
    clearTimeout(this.timer);
    this.say(phase);
    let launch: Launch | undefined;
    try {
      launch = await this.parts.launcher();
    } catch (error) {
      this.say("failed", sentence(error));
      return;
    }
    if (run !== this.run) {
      return;
    }
    if (launch === undefined) {
      this.say("failed", this.message);
      return;
    }
    await this.connect(launch, run);
  }

  /** Stops it and starts it anew, because a person or a setting wants it. */
  async restart(): Promise<void> {
    this.policy.reset();
    await this.stop("restarting");
    await this.start("restarting");
  }

  /** Stops it in order: sessions are closed, so that they can be resumed. */
  async stop(phase: "stopped" | "restarting" = "stopped"): Promise<void> {
    this.run++;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    this.say(phase);
    this.letGo();
    if (client !== undefined) {
      await client.dispose(STOP_WITHIN).catch((error: unknown) => {
        this.parts.channel.warn(`The server did not stop in order: ${sentence(error)}`);
      });
    }
  }

  /** Says what stands in the way of a start. */
  explain(message: string): void {
    this.message = message;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
    this.updated.dispose();
    this.letGo();
  }

  private async connect(launch: Launch, run: number): Promise<void> {
    const { channel, requests, settings, middleware } = this.parts;
    const client = makeClient({ launch, channel, middleware: middleware(), settings: settings() });
    this.client = client;
    this.letGo();
    this.listeners.push(
      client.onNotification(UPDATE, (update: Update) => this.updated.fire(update)),
      requests.serve(client),
      client.onDidChangeState(({ newState }) => {
        if (run === this.run && this.phase === "ready" && newState === State.Stopped) {
          this.died(run, "It ended without being asked to.");
        }
      }),
    );
    try {
      await client.start();
    } catch (error) {
      if (run === this.run) {
        this.died(run, sentence(error));
      }
      return;
    }
    if (run === this.run) {
      this.say("ready", "");
    }
  }

  private died(run: number, why: string): void {
    this.client = undefined;
    this.letGo();
    this.parts.channel.error(`The server is gone. ${why}`);
    const verdict = this.policy.died(Date.now());
    if (!verdict.again) {
      this.say(
        "failed",
        `The server ended several times within three minutes. ${why} “Postil: Show Log” says more; “Postil: Restart Server” tries again.`,
      );
      return;
    }
    this.say("restarting", "The server ended and is started again. Nothing is lost.");
    this.timer = setTimeout(() => {
      if (run === this.run) {
        void this.start("restarting");
      }
    }, verdict.after);
  }

  private letGo(): void {
    for (const listener of this.listeners.splice(0)) {
      listener.dispose();
    }
  }

  private say(phase: Phase, message?: string): void {
    this.phase = phase;
    this.message = message ?? this.message;
    this.changed.fire(phase);
  }
}
