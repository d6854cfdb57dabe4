/** What the server asks of this editor: to save a document, what other servers find in one, and where symbols are. */

import * as vscode from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient";
import type {
  ClientDiagnostic,
  DiagnosticsParams,
  DiagnosticsResult,
  SaveParams,
  SaveResult,
  SymbolsParams,
  SymbolsResult,
} from "../protocol_gen";
import { CLIENT_DIAGNOSTICS, CLIENT_SAVE, CLIENT_SYMBOLS } from "../protocol_gen";
import { Quiet } from "./quiet";
import { symbols } from "./symbols";

const OURS = "Postil";

/** Answers those requests. */
export class ClientRequests implements vscode.Disposable {
  /** By document for what is found in it, and by language for what is typed: a text may be what another's findings are about. */
  private readonly quiet = new Quiet();
  /** The languages and documents that somebody else was seen to look at: only there is silence an answer. */
  private readonly looked = new Set<string>();
  private readonly listener: vscode.Disposable;

  constructor() {
    for (const [uri] of vscode.languages.getDiagnostics()) {
      this.note(uri);
    }
    const typed = ({ languageId }: vscode.TextDocument): void => this.quiet.hear(languageId);
    this.listener = vscode.Disposable.from(
      vscode.workspace.onDidOpenTextDocument(typed),
      vscode.workspace.onDidChangeTextDocument((event) => typed(event.document)),
      vscode.languages.onDidChangeDiagnostics((event) => {
        for (const uri of event.uris) {
          this.quiet.hear(uri.toString());
          this.note(uri);
        }
      }),
    );
  }

  /** Serves a client's requests. */
  serve(client: BaseLanguageClient): vscode.Disposable {
    return vscode.Disposable.from(
      client.onRequest(CLIENT_SAVE, (params: SaveParams) => this.save(params)),
      client.onRequest(CLIENT_DIAGNOSTICS, (params: DiagnosticsParams) => this.diagnostics(params)),
      client.onRequest(CLIENT_SYMBOLS, (params: SymbolsParams): Promise<SymbolsResult | null> =>
        symbols(params),
      ),
    );
  }

  dispose(): void {
    this.listener.dispose();
  }

  private async save(params: SaveParams): Promise<SaveResult> {
    const document = opened(params.uri);
    if (document === undefined) {
      return { saved: false };
    }
    if (!document.isDirty) {
      return { saved: true };
    }
    // A file that changed on the disk meanwhile is not overwritten: VS Code refuses to save it, and says so.
    return { saved: await document.save() };
  }

  private async diagnostics(params: DiagnosticsParams): Promise<DiagnosticsResult | null> {
    const document = opened(params.uri);
    if (document === undefined) {
      return null;
    }
    await this.quiet.about(document.uri.toString(), document.languageId);
    const found = others(document.uri);
    if (!this.looked.has(document.languageId) && !this.looked.has(document.uri.toString())) {
      return null;
    }
    return { version: document.version, diagnostics: found.map(plain) };
  }

  private note(uri: vscode.Uri): void {
    if (others(uri).length === 0) {
      return;
    }
    this.looked.add(uri.toString());
    const document = opened(uri.toString());
    if (document !== undefined) {
      this.looked.add(document.languageId);
    }
  }
}

function others(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((it) => it.source !== OURS);
}

function opened(uri: string): vscode.TextDocument | undefined {
  const wanted = vscode.Uri.parse(uri).toString();
  return vscode.workspace.textDocuments.find((it) => it.uri.toString() === wanted && !it.isClosed);
}

function plain(diagnostic: vscode.Diagnostic): ClientDiagnostic {
  const { range, code } = diagnostic;
  return {
    range: { start: point(range.start), end: point(range.end) },
    message: diagnostic.message,
    severity: diagnostic.severity + 1,
    source: diagnostic.source ?? null,
    code: (typeof code === "object" ? code.value : code) ?? null,
  };
}

function point(position: vscode.Position): { line: number; character: number } {
  return { line: position.line, character: position.character };
}
