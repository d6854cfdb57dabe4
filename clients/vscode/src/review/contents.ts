/** Texts as they were, for diff editors: documents that nobody can edit and no disk has. */

import * as vscode from "vscode";
import type { Server } from "../client/server";

export const SCHEME = "postil-text";

interface Wanted {
  readonly session?: string;
  readonly hash?: string | null;
  readonly text?: number;
}

export class Contents implements vscode.TextDocumentContentProvider {
  private readonly texts: string[] = [];

  constructor(private readonly server: Server) {}

  /** Names a text of a session's checkpoint; a file that was not there is an empty one. */
  ofCheckpoint(path: string, session: string, hash: string | null): vscode.Uri {
    return this.uri(path, { session, hash });
  }

  /** Names a text that is only here, until the window closes. */
  ofText(path: string, text: string): vscode.Uri {
    const place = this.texts.push(text) - 1;
    return this.uri(path, { text: place });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const wanted = JSON.parse(uri.query) as Wanted;
    if (wanted.text !== undefined) {
      return this.texts[wanted.text] ?? "";
    }
    return (await this.text(wanted.session ?? "", wanted.hash ?? null)) ?? "";
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
