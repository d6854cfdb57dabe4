/** Where the editor's language servers say that a symbol is defined or used. */

import * as vscode from "vscode";
import { placeOf } from "./wordPlace";
import type { ClientLocation, SymbolsParams, SymbolsResult } from "../protocol_gen";

const PROVIDERS = {
  definitions: "vscode.executeDefinitionProvider",
  references: "vscode.executeReferenceProvider",
} as const;

/** Asks them about the first place of the name on the line; null where nobody knows. */
export async function symbols(params: SymbolsParams): Promise<SymbolsResult | null> {
  const uri = vscode.Uri.parse(params.uri);
  const document = await vscode.workspace.openTextDocument(uri);
  const character = placeOf(
    params.name,
    params.line < document.lineCount ? document.lineAt(params.line).text : "",
  );
  if (character === null) {
    return null;
  }
  const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[] | undefined>(
    PROVIDERS[params.want],
    uri,
    new vscode.Position(params.line, character),
  );
  return found === undefined || found.length === 0 ? null : { places: found.map(location) };
}

function location(found: vscode.Location | vscode.LocationLink): ClientLocation {
  const link = "targetUri" in found;
  const uri = link ? found.targetUri : found.uri;
  const range = link ? (found.targetSelectionRange ?? found.targetRange) : found.range;
  return { uri: uri.toString(), range: { start: point(range.start), end: point(range.end) } };
}

function point(position: vscode.Position): { line: number; character: number } {
  return { line: position.line, character: position.character };
}
