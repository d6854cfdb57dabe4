/** Documents of whole lines, and edits of them. What imports `vscode` is imported after it. */
import assert from "node:assert/strict";
import { editor } from "./editor";

class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}
/** A document of whole lines. */
class Document {
  version = 1;
  constructor(
    readonly uri: { scheme: string; fsPath: string },
    public text: string,
  ) {}
  getText = (): string => this.text;
  validateRange = (range: Range): Range => range;
  get lineCount(): number {
    return this.text.split("\n").length;
  }
}
export const documents = new Map<string, Document>();
class WorkspaceEdit {
  readonly made: [Document, Range, string][] = [];
  replace(uri: { fsPath: string }, range: Range, text: string): void {
    const document = documents.get(uri.fsPath);
    assert.ok(document);
    this.made.push([document, range, text]);
  }
}
const file = (path: string) => ({ scheme: "file", fsPath: path });
Object.assign(editor, {
  Position,
  Range,
  WorkspaceEdit,
  Uri: { file },
  workspace: {
    asRelativePath: (path: string) => path.slice(1),
    openTextDocument: ({ fsPath }: { fsPath: string }) => {
      const document = documents.get(fsPath);
      return document === undefined ? Promise.reject(new Error()) : Promise.resolve(document);
    },
    applyEdit: ({ made }: WorkspaceEdit) => {
      for (const [document, { start, end }, text] of made) {
        const lines = document.text.split(/(?<=\n)/);
        document.text = [...lines.slice(0, start.line), text, ...lines.slice(end.line)].join("");
        document.version += 1;
      }
      return Promise.resolve(true);
    },
  },
});

/** Makes one that is there. */
export const document = (path: string, text: string): Document => {
  const made = new Document(file(path), text);
  documents.set(path, made);
  return made;
};
