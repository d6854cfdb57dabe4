/** The server's life: started, watched, started again after a crash, and the same for what listens to it. */

import * as vscode from "vscode";
import type { LanguageClient, Middleware } from "vscode-languageclient/node";
import { State } from "vscode-languageclient/node";
import type { Update } from "../protocol_gen";
import { UPDATE } from "../protocol_gen";
import { makeClient } from "./client";
import type { ClientRequests } from "./clientRequests";
import { LastWords } from "./lastWords";
import type { Launch } from "./launch";
import type { Methods } from "./requests";
import { ask, sentence } from "./requests";
import { gaveUp, RestartPolicy } from "./restart";
import { Succession } from "./succession";
import { UnderWay } from "./underWay";

export type Phase = "starting" | "ready" | "failed" | "stopped" | "restarting";

/** Finds out what to start, and whether what the last start `failed` by can be mended; undefined, having said why, where there is nothing to. */
export type Launcher = (failed: boolean) => Promise<Launch | undefined>;

export interface ServerParts {
  readonly channel: vscode.LogOutputChannel;
  readonly launcher: Launcher;
  readonly requests: ClientRequests;
  readonly settings: () => Record<string, unknown>;
  readonly middleware: () => Middleware;
  /** Returns a text without secrets. */
  readonly clean: (text: string) => string;
}

const STOP_WITHIN = 5_000;
/** A client that still connects can not be stopped: for so long its start is waited for. */
const START_WITHIN = 15_000;

/** The server, whichever process it is at the moment. */
export class Server implements vscode.Disposable {
  phase: Phase = "stopped";
  /** What a person should know where it is not there. */
  message = "";
  private client: LanguageClient | undefined;
  private readonly listeners: { dispose(): unknown }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private run = 0;
  /** Whether the last one that was started has ended before it said anything. */
  private mute = false;
  private readonly policy = new RestartPolicy();
  /** The settings that the last one was started with; undefined where none was. */
  startedWith: string | undefined;
  readonly underWay = new UnderWay();
  private readonly lives = new Succession(START_WITHIN);
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
      const plain =
        this.phase === "starting" || this.phase === "restarting"
          ? "Postil’s server is starting. Try again when it is there."
          : "Postil’s server is not running. Run “Postil: Restart Server”.";
      throw new Error(this.message || plain);
    }
    return this.underWay.through(ask(this.client, method, params));
  }

  /** Starts it; what fails is told by the phase. */
  async start(phase: "starting" | "restarting" = "starting"): Promise<void> {
    const run = ++this.run;
    clearTimeout(this.timer);
    // What stood in the way before is no news any more; that it is started again is.
    this.say(phase, phase === "starting" ? "" : undefined);
    let launch: Launch | undefined;
    try {
      launch = await this.parts.launcher(this.mute);
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

  /** Stops it and starts it anew, because a person or a setting wants it; asked for twice at once, it is done once. */
  async restart(): Promise<void> {
    this.policy.reset();
    this.leave("restarting");
    await this.lives.renew(async () => {
      // Who stopped it meanwhile wants it stopped.
      if (this.phase === "restarting") {
        await this.start("restarting");
      }
    });
  }

  /** Stops it in order: sessions are closed, so that they can be resumed. */
  async stop(): Promise<void> {
    this.leave("stopped");
    await this.lives.end();
  }

  /** Says what stands in the way of a start. */
  explain(message: string): void {
    this.say(this.phase, message);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.changed.dispose();
    this.updated.dispose();
    this.letGo();
  }

  private async connect(launch: Launch, run: number): Promise<void> {
    const { channel, requests, settings, middleware } = this.parts;
    const words = new LastWords();
    const client = makeClient({ launch, channel, words, middleware: middleware(), settings: settings() });
    this.client = client;
    this.letGo();
    this.listeners.push(
      client.onNotification(UPDATE, (update: Update) => this.updated.fire(update)),
      requests.serve(client),
      client.onDidChangeState(({ newState }) => {
        if (run === this.run && this.phase === "ready" && newState === State.Stopped) {
          void this.died(run, words, "");
        }
      }),
    );
    try {
      await this.lives.begin({ begin: () => client.start(), end: () => this.end(client) });
    } catch (error) {
      if (run === this.run) {
        this.mute = true;
        await this.died(run, words, sentence(error));
      }
      return;
    }
    this.mute = false;
    if (run === this.run) {
      this.say("ready", "");
    }
  }

  private leave(phase: "stopped" | "restarting"): void {
    this.run++;
    clearTimeout(this.timer);
    this.client = undefined;
    this.say(phase, "");
    this.letGo();
  }

  private async end(client: LanguageClient): Promise<void> {
    await client.dispose(STOP_WITHIN).catch((error: unknown) => {
      this.parts.channel.warn(`The server did not stop in order: ${sentence(error)}`);
    });
  }

  private async died(run: number, words: LastWords, why: string): Promise<void> {
    this.client = undefined;
    this.lives.lost();
    this.letGo();
    this.parts.channel.error(`The server is gone. ${why}`);
    const verdict = this.policy.died(Date.now());
    if (!verdict.again) {
      const last = this.parts.clean(await words.or(why));
      if (run === this.run) {
        this.say("failed", gaveUp(verdict.deaths, last));
      }
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
