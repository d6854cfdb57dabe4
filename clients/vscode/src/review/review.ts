/** Review: what is open of a session's changes, where it lies in documents, and keeping and undoing it. */

import * as vscode from "vscode";
import type { Server } from "../client/server";
import type { Update } from "../protocol_gen";
import type { Contents } from "./contents";
import type { OpenHunk } from "./hunks";
import { hunkOf, kept, openHunks, undone } from "./hunks";
import type { FileChange, OpenFile } from "./ledger";
import { Ledger } from "./ledger";
import { type Net, Nets } from "./nets";
import { Remembered } from "./remembered";
import { wayOf } from "./undoing";

const REMEMBERED = "postil.bases.";

/** The hunks of one document. */
export interface Reviewed extends Found {
  readonly file: OpenFile;
}

/** The hunks of one text, and what it was compared with. */
interface Found {
  readonly base: string;
  readonly written: string;
  readonly hunks: readonly OpenHunk[];
}

export class Review implements vscode.Disposable {
  private ledger = new Ledger();
  private nets = new Nets(() => Promise.resolve(undefined));
  private sessionId = "";
  private readOnly = false;
  /** Of the sessions that were in view before, that of the one seen last at the end. */
  private readonly others = new Map<string, Ledger>();
  private readonly texts = new Map<string, Promise<string | undefined>>();
  private readonly found = new Remembered<vscode.TextDocument, Found>();
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

  /** Begins with a session, its events from the first on; of one that is only read here nothing is kept or undone. */
  begin(sessionId: string, updates: readonly Update[], readOnly: boolean): void {
    if (sessionId !== this.sessionId) {
      this.texts.clear(); // Those of another session are asked for again.
      if (this.sessionId !== "" && !this.readOnly) {
        this.others.set(this.sessionId, this.ledger);
      }
    }
    this.others.delete(sessionId);
    this.sessionId = sessionId;
    this.readOnly = readOnly;
    this.ledger = new Ledger(this.memory.get(REMEMBERED + sessionId));
    // Texts that are only counted are not kept.
    this.nets = new Nets((hash) => this.contents.text(sessionId, hash).catch(() => undefined));
    for (const update of updates) {
      this.ledger.apply(update);
    }
    this.changed.fire();
  }

  /** Takes note of what happens in it, and in those that were in view before. */
  follow(update: Update): void {
    const { sessionId } = update;
    const ledger = sessionId === this.sessionId ? this.ledger : this.others.get(sessionId);
    if (ledger?.apply(update) === true) {
      this.changed.fire();
    }
  }

  /** Returns the sessions out of view of which changes are open, with how many files these are in; the one seen last first. */
  get elsewhere(): { sessionId: string; files: number }[] {
    return [...this.others]
      .map(([sessionId, ledger]) => ({ sessionId, files: ledger.files().length }))
      .filter(({ files }) => files > 0)
      .reverse();
  }

  get session(): string {
    return this.sessionId;
  }

  /** Returns the files in which something is to be looked at: not those that are again what was kept of them. */
  files(): OpenFile[] {
    return this.ledger.files().filter((it) => {
      const base = this.base(it.path);
      const net = base === undefined ? undefined : this.nets.of(it, base);
      return net === undefined || net.added + net.removed > 0;
    });
  }

  /** Returns by how many lines a file differs from what it is compared with; undefined where that is not known yet. */
  net(file: OpenFile): Net | undefined {
    return this.nets.of(file, this.base(file.path));
  }

  /** Counts what is not known yet; returns whether that brought something. */
  async count(): Promise<boolean> {
    const { nets } = this;
    const found = await Promise.all(this.files().map((it) => nets.learn(it, this.base(it.path))));
    return nets === this.nets && found.includes(true);
  }

  /** Returns what a file is compared with where some of its hunks are kept. */
  base(path: string): string | undefined {
    return this.ledger.bases[path]?.text;
  }

  change(changeId: string, path: string): ReturnType<Ledger["change"]> {
    return this.ledger.change(changeId, path);
  }

  /** Returns the hunks of a document that can be kept or undone, or undefined where there are none. */
  async hunks(document: vscode.TextDocument): Promise<Reviewed | undefined> {
    const reviewed = await this.compared(document);
    return reviewed?.hunks.length === 0 ? undefined : reviewed;
  }

  /** Returns a document that has open changes as it is compared, also where all of their hunks are the person's by now. */
  private async compared(document: vscode.TextDocument): Promise<Reviewed | undefined> {
    const file = document.uri.scheme === "file" ? this.ledger.file(document.uri.fsPath) : undefined;
    if (file === undefined || this.readOnly || !this.server.ready) {
      return undefined;
    }
    const [before, after] = await Promise.all([this.text(file.before), this.text(file.after)]);
    const base = this.ledger.bases[file.path]?.text ?? before;
    if (base === undefined || after === undefined) {
      return undefined;
    }
    // Lenses, light bulbs and every move of the cursor ask.
    const of = [document.version, base, after];
    const found = this.found.of(document, of, () => compared(base, after, document.getText()));
    return { file, ...found };
  }

  /** Returns the hunk that one change has at a line of what it wrote, where it is open and no other change has a part in it. */
  async hunkOf(reviewed: Reviewed, changeId: string, line: number): Promise<OpenHunk | undefined> {
    const change = this.ledger.change(changeId, reviewed.file.path);
    if (change === undefined) {
      return undefined;
    }
    const [before, after] = await Promise.all([this.text(change.before), this.text(change.after)]);
    return before === undefined || after === undefined
      ? undefined
      : hunkOf({ before, after, line }, reviewed.hunks);
  }

  /** Keeps one hunk; with the last one, the file's changes are kept. */
  async keepHunk(document: vscode.TextDocument, reviewed: Reviewed, hunk: OpenHunk): Promise<void> {
    const base = kept(reviewed.base, reviewed.written, hunk.hunk);
    if (openHunks(base, reviewed.written, document.getText()).length === 0) {
      await this.tell([reviewed.file]);
    } else {
      this.ledger.keepBase(reviewed.file.path, base);
    }
    await this.remember();
  }

  /** Puts back what stood there before one hunk: an edit like the person's own, one step of the editor's undo. */
  async undoHunk(document: vscode.TextDocument, reviewed: Reviewed, hunk: OpenHunk): Promise<boolean> {
    const { file } = reviewed;
    const keptSome = this.ledger.bases[file.path] !== undefined;
    const way = wayOf({ ...reviewed, keptSome }, document.getText(), hunk, this.ledger.left());
    if (way === "takeBack") {
      try {
        return await this.takeBack(file.changes);
      } catch (error) {
        if (file.before === null) {
          throw error;
        } // While a turn runs nothing is taken back, and an edit is the person's own.
      }
    }
    const edit = new vscode.WorkspaceEdit();
    if (way === "remove") {
      edit.deleteFile(document.uri, { ignoreIfNotExists: true });
      return (await vscode.workspace.applyEdit(edit)) && this.settle([file]);
    }
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
    if (done && way === "record") {
      // Nothing is left to do: from here on the record has it as undone.
      await this.takeBack(file.changes).catch(() => this.tell([file]));
    } else if (done && openHunks(reviewed.base, reviewed.written, document.getText()).length === 0) {
      await this.tell([reviewed.file]); // The last one: nothing is left to look at.
    }
    await this.remember();
    return done;
  }

  /** Keeps a file, or all of them. */
  async keep(path?: string): Promise<void> {
    await this.settle(this.ledger.left().filter((it) => path === undefined || it.path === path));
  }

  /** Nothing is left to look at in these files. */
  private async settle(files: readonly OpenFile[]): Promise<true> {
    await this.tell(files);
    await this.remember();
    return true;
  }

  /** Undoes the open changes of a file or of all, the last first; false where the server asks first. */
  async undo(path?: string): Promise<boolean> {
    const wanted = this.files().filter((it) => path === undefined || it.path === path);
    // The server takes back a change as a whole: where some hunks of it are kept or edited, the others are undone one by one.
    const edited = await this.edited();
    const held = new Set(
      this.files()
        .filter((it) => this.ledger.bases[it.path] !== undefined || edited.has(it.path))
        .flatMap((it) => it.changes.map(({ changeId }) => changeId)),
    );
    const isHeld = (file: OpenFile): boolean => file.changes.some((it) => held.has(it.changeId));
    for (const file of wanted.filter(isHeld)) {
      await this.undoHunks(file.path);
    }
    const stays = wanted
      .filter((it) => edited.has(it.path))
      .map((it) => vscode.workspace.asRelativePath(it.path));
    if (stays.length > 0) {
      void vscode.window.showInformationMessage(`What you have edited since stays: ${stays.join(", ")}.`);
    }
    return this.takeBack(wanted.filter((it) => !isHeld(it)).flatMap((it) => it.changes));
  }

  /** Returns the files in which the person has edited hunks of the agent's. */
  private async edited(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const { path, after } of this.files()) {
      const document = after === null ? undefined : await opened(path);
      const reviewed = document && (await this.compared(document));
      if (
        reviewed !== undefined &&
        reviewed.hunks.length < openHunks(reviewed.base, reviewed.written, reviewed.written).length
      ) {
        found.add(path);
      }
    }
    return found;
  }

  /** Has the server take changes back, the last first; false where it asks first. */
  private async takeBack(changes: readonly FileChange[]): Promise<boolean> {
    const lastFirst = [...changes].sort((a, b) => b.seq - a.seq);
    for (const changeId of new Set(lastFirst.map((it) => it.changeId))) {
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

  /** Undoes the hunks of a file that are open, each as the person would: an edit that the editor can undo. */
  private async undoHunks(path: string): Promise<void> {
    const document = await opened(path);
    while (document !== undefined) {
      const reviewed = await this.hunks(document);
      const last = reviewed?.hunks.at(-1);
      if (reviewed === undefined || last === undefined || !(await this.undoHunk(document, reviewed, last))) {
        return;
      }
      if (reviewed.hunks.length === 1) {
        return; // Where the file itself went, its document may stand there for a moment.
      }
    }
  }

  /** Has it put on record that the changes of these files are kept: so they are in every window, and in every editor. */
  private async tell(files: readonly OpenFile[]): Promise<void> {
    const { ledger, sessionId } = this;
    const changeIds = [...new Set(files.flatMap((it) => it.changes.map(({ changeId }) => changeId)))];
    if (changeIds.length > 0) {
      const paths = files.map((it) => it.path);
      await this.server.ask("postil.server.session.keep", { sessionId, changeIds, paths });
      ledger.keep(changeIds, paths);
    }
  }

  /** Remembers what hunks were kept; nothing where none were. */
  private async remember(): Promise<void> {
    const { bases } = this.ledger;
    await this.memory.update(
      REMEMBERED + this.sessionId,
      Object.keys(bases).length === 0 ? undefined : bases,
    );
    this.changed.fire();
  }

  /** Lets go of what is remembered of a session that is gone. */
  async forget(sessionId: string): Promise<void> {
    this.others.delete(sessionId);
    if (sessionId === this.sessionId) {
      this.ledger = new Ledger();
    }
    this.changed.fire();
    await this.memory.update(REMEMBERED + sessionId, undefined);
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

/** Returns a file's document; undefined where it is not there. */
async function opened(path: string): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  } catch {
    return undefined;
  }
}

/** Documents end their lines as they are set to; texts of the checkpoint as the file does. */
function compared(base: string, after: string, now: string): Found {
  const crlf = now.includes("\r\n");
  const written = after.includes("\r\n") === crlf ? after : after.replaceAll("\r\n", "\n");
  const old = base.includes("\r\n") === crlf ? base : base.replaceAll("\r\n", "\n");
  return { base: old, written, hunks: openHunks(old, written, now) };
}
