/** A window with files and an editor, as far as code blocks need one. What imports `vscode` is imported after it. */
import { editor } from "./editor";

export class TabInputTextDiff {
  constructor(
    readonly original: object,
    readonly modified: object | string,
  ) {}
}

export const files = new Map<string, string>();
export const diffs: [from: string, text: string, title: string][] = [];
export const edits: [path: string, text: string][] = [];
export const posts: object[] = [];
/** The files whose editors were gone to. */
export const goneTo: string[] = [];
export const tab: { input: unknown } = { input: undefined };
const documentOf = (path: string, text: string) => ({
  uri: { scheme: "file", path },
  version: 1,
  getText: () => text,
  offsetAt: (place: number) => place,
  positionAt: (place: number) => place,
});
/** Shows a text in the active editor, with something selected. */
export function editing(path: string, text: string, start: number, end: number): void {
  const selections = [{ start, end, isEmpty: start === end }];
  Object.assign(editor.window, { activeTextEditor: { document: documentOf(path, text), selections } });
}

Object.assign(editor, {
  TabInputTextDiff,
  FileType: { File: 1 },
  Range: class {
    constructor(
      readonly start: number,
      readonly end: number,
    ) {}
  },
  WorkspaceEdit: class {
    replace(uri: { path: string }, _: unknown, text: string): void {
      edits.push([uri.path, text]);
    }
  },
  Uri: { file: (path: string) => ({ scheme: "file", path, fsPath: path }) },
  workspace: {
    workspaceFolders: [{ uri: { fsPath: "/w" } }],
    getWorkspaceFolder: (uri: { path: string }) => (uri.path.startsWith("/w/") ? {} : undefined),
    openTextDocument: (uri: { path: string }) => {
      const text = files.get(uri.path);
      return text === undefined ? Promise.reject(new Error()) : Promise.resolve(documentOf(uri.path, text));
    },
    applyEdit: () => Promise.resolve(true),
  },
});
Object.assign(editor.window, {
  visibleTextEditors: [],
  showTextDocument: (document: { uri: { path: string } }) => {
    goneTo.push(document.uri.path);
    return Promise.resolve();
  },
  tabGroups: { activeTabGroup: { activeTab: tab } },
});
Object.assign(editor.commands, {
  executeCommand: (_: string, left: { path: string }, right: string, title: string) => {
    diffs.push([left.path, right, title]);
    return Promise.resolve();
  },
});
export const parts = {
  contents: { ofText: (_: string, text: string) => text },
  chat: { post: (message: object) => posts.push(message) },
} as never;
