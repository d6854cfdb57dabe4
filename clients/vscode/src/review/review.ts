/** Review: what is open of a session's changes, where it lies in documents, and keeping and undoing it. */

import * as vscode from "vscode";
import type { Server } from "../client/server";
import type { Update } from "../protocol_gen";
import type { Contents } from "./contents";
import type { OpenHunk } from "./hunks";
import { kept, openHunks, undone } from "./hunks";
import type { Kept, OpenFile } from "./ledger";
import { Ledger } from "./ledger";

const REMEMBERED = "postil.kept.";

/** The hunks of one document. */
export interface Reviewed {
  readonly file: OpenFile;
  readonly base: string;
  readonly written: string;
  readonly hunks: readonly OpenHunk[];
}

export class Review implements vscode.Disposable {
  private ledger = new Ledger();
  private sessionId = "";
  private readonly texts = new Map<string, Promise<string | undefined>>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly contents: Contents,
    private readonly memory: vscode.Memento,
  ) {}

  dispose(): void {
    this.changed.dispose();
  }

  /** Begins with a session, its events from the first on. */
  begin(sessionId: string, updates: readonly Update[]): void {
    this.sessionId = sessionId;
    this.ledger = new Ledger(this.memory.get<Kept>(REMEMBERED + sessionId, { upto: {}, bases: {} }));
    for (const update of updates) {
      this.ledger.apply(update);
    }
    this.changed.fire();
  }

  /** Takes note of what happens in it. */
  follow(update: Update): void {
    if (update.sessionId === this.sessionId && this.ledger.apply(update)) {
      this.changed.fire();
    }
  }

  get session(): string {
    return this.sessionId;
  }

  files(): OpenFile[] {
    return this.ledger.files();
  }

  change(changeId: string, path: string): ReturnType<Ledger["change"]> {
    return this.ledger.change(changeId, path);
  }

  /** Returns the hunks of a document that are open, or undefined where there are none. */
  async hunks(document: vscode.TextDocument): Promise<Reviewed | undefined> {
    const file = document.uri.scheme === "file" ? this.ledger.file(document.uri.fsPath) : undefined;
    if (file === undefined || !this.server.ready) {
      return undefined;
    }
    const [before, after] = await Promise.all([this.text(file.before), this.text(file.after)]);
    const base = this.ledger.kept.bases[file.path] ?? before;
    if (base === undefined || after === undefined) {
      return undefined;
    }
    // Documents end their lines as they are set to; texts of the checkpoint as the file does.
    const now = document.getText();
    const written = after.includes("\r\n") === now.includes("\r\n") ? after : after.replaceAll("\r\n", "\n");
    const old = base.includes("\r\n") === now.includes("\r\n") ? base : base.replaceAll("\r\n", "\n");
    const hunks = openHunks(old, written, now);
    return hunks.length === 0 ? undefined : { file, base: old, written, hunks };
  }

  /** Keeps one hunk. */
  async keepHunk(reviewed: Reviewed, hunk: OpenHunk): Promise<void> {
    const base = kept(reviewed.base, reviewed.written, hunk.hunk);
    if (base === reviewed.written) {
      this.ledger.keepFile(reviewed.file.path);
    } else {
      this.ledger.keepBase(reviewed.file.path, base);
    }
    await this.remember();
  }

  /** Puts back what stood there before one hunk: an edit like the person's own, one step of the editor's undo. */
  async undoHunk(document: vscode.TextDocument, hunk: OpenHunk): Promise<boolean> {
    const edit = new vscode.WorkspaceEdit();
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const text = undone(document.getText(), hunk);
    const start = new vscode.Position(Math.min(hunk.start, document.lineCount), 0);
    const end = new vscode.Position(Math.min(hunk.end, document.lineCount), 0);
    // A last line without an end has none to put a position behind: then all of it is replaced.
    if (hunk.end < document.lineCount) {
      edit.replace(document.uri, new vscode.Range(start, end), hunk.before.join(""));
    } else {
      edit.replace(document.uri, document.validateRange(whole), text);
    }
    const done = await vscode.workspace.applyEdit(edit);
    if (done && (await this.hunks(document)) === undefined) {
      this.ledger.keepFile(document.uri.fsPath); // The last one: nothing is left to look at.
    }
    await this.remember();
    return done;
  }

  /** Keeps a file, or all of them. */
  async keep(path?: string): Promise<void> {
    for (const file of path === undefined ? this.files() : [{ path }]) {
      this.ledger.keepFile(file.path);
    }
    await this.remember();
  }

  /** Undoes the open changes of a file or of all, the last first; false where the server asks first. */
  async undo(path?: string): Promise<boolean> {
    const files = this.files().filter((it) => path === undefined || it.path === path);
    const changes = files.flatMap((it) => it.changes).sort((a, b) => b.seq - a.seq);
    for (const changeId of new Set(changes.map((it) => it.changeId))) {
      const result = await this.server.ask("postil.server.session.undo", {
        sessionId: this.sessionId,
        changeId,
      });
      if (result.asked) {
        return false;
      }
    }
    return true;
  }

  private async remember(): Promise<void> {
    await this.memory.update(REMEMBERED + this.sessionId, this.ledger.kept);
    this.changed.fire();
  }

  private text(hash: string | null): Promise<string | undefined> {
    const key = `${this.sessionId} ${hash ?? ""}`;
    const known = this.texts.get(key);
    if (known !== undefined) {
      return known;
    }
    const asked = this.contents.text(this.sessionId, hash).catch(() => {
      this.texts.delete(key);
      return undefined;
    });
    this.texts.set(key, asked);
    return asked;
  }
}
