/** Texts as they were, for diff editors: documents that nobody can edit and no disk has. */

import * as vscode from "vscode";
import type { Server } from "../client/server";
import { Texts } from "./texts";

export const SCHEME = "postil-text";

/** What stands where a text of a checkpoint should: an empty file would say that all of it is new. */
const NOT_KEPT = "[The text that stood here is not kept any more.]\n";

interface Wanted {
  readonly session?: string;
  readonly hash?: string | null;
  readonly text?: number;
}

export class Contents implements vscode.TextDocumentContentProvider {
  private readonly texts = new Texts();

  constructor(private readonly server: Server) {}

  /** Names a text of a session's checkpoint; a file that was not there is an empty one. */
  ofCheckpoint(path: string, session: string, hash: string | null): vscode.Uri {
    return this.uri(path, { session, hash });
  }

  /** Names a text that is only here, for as long as it is looked at and a while longer. */
  ofText(path: string, text: string): vscode.Uri {
    const documents = vscode.workspace.textDocuments.filter((it) => it.uri.scheme === SCHEME);
    const shown = documents.map((it) => (JSON.parse(it.uri.query) as Wanted).text ?? -1);
    const place = this.texts.put(text, new Set(shown));
    return this.uri(path, { text: place });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const wanted = JSON.parse(uri.query) as Wanted;
    if (wanted.text !== undefined) {
      return this.texts.get(wanted.text) ?? NOT_KEPT;
    }
    return (await this.text(wanted.session ?? "", wanted.hash ?? null)) ?? NOT_KEPT;
  }

  /** Returns a text of a checkpoint; undefined where it is not kept any more. */
  async text(sessionId: string, hash: string | null): Promise<string | undefined> {
    if (hash === null) {
      return "";
    }
    const result = await this.server.ask("postil/session/text", { sessionId, hash });
    return result.text ?? undefined;
  }

  private uri(path: string, wanted: Wanted): vscode.Uri {
    return vscode.Uri.file(path).with({ scheme: SCHEME, query: JSON.stringify(wanted) });
  }
}
