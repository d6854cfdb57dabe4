// What a test can ask of the editor. Lines count from 1 and columns from 0, as in the tests of Neovim.
"use strict";

const vscode = require("vscode");

/** What went wrong in what nobody waited for. @type {string[]} */
const failures = [];
const found = vscode.languages.createDiagnosticCollection("another source");

/** @param {string} path */
function documentAt(path) {
  const uri = vscode.Uri.file(path).toString();
  return vscode.workspace.textDocuments.find((it) => it.uri.toString() === uri);
}

/** One that is open as it is: to open it here would keep it open for minutes after its editor is closed. @param {string} path */
async function documentOf(path) {
  return documentAt(path) ?? (await vscode.workspace.openTextDocument(path));
}

/** Resolves once the person is in the document. @param {string} path */
function shown(path) {
  const uri = vscode.Uri.file(path).toString();
  const is = () => vscode.window.activeTextEditor?.document.uri.toString() === uri;
  return new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    if (is()) return resolve();
    const listener = vscode.window.onDidChangeActiveTextEditor(() => {
      if (is()) resolve(listener.dispose());
    });
  });
}

/** @param {vscode.Range} range */
function plain(range) {
  return { line: range.start.line + 1, column: range.start.character, endLine: range.end.line + 1 };
}

/** @param {string} path @param {number} line @param {string} [kind] */
async function codeActions(path, line, kind) {
  const document = await documentOf(path);
  const range = document.lineAt(line - 1).range;
  const provider = "vscode.executeCodeActionProvider";
  // VS Code drops what is asked of a text that changes meanwhile: it answers with nothing or with "Canceled", and its light bulb asks again.
  for (let left = 50; ; left--) {
    const version = document.version;
    try {
      const actions = await vscode.commands.executeCommand(provider, document.uri, range, kind);
      if (document.version === version || left === 0)
        return /** @type {(vscode.CodeAction | vscode.Command)[]} */ (actions ?? []);
    } catch (error) {
      if (left === 0 || !(error instanceof Error) || error.message !== "Canceled") throw error;
    }
  }
}

/** @param {unknown} input */
function shownIn(input) {
  if (input instanceof vscode.TabInputText) return { kind: "text", uri: input.uri.toString() };
  if (input instanceof vscode.TabInputTextDiff)
    return { kind: "diff", uri: input.modified.toString(), original: input.original.toString() };
  if (input instanceof vscode.TabInputWebview) return { kind: "webview", uri: input.viewType };
  return { kind: input?.constructor.name ?? "other", uri: "" };
}

/** @param {vscode.CodeAction | vscode.Command} action */
async function run(action) {
  if (!("edit" in action) && !("kind" in action)) {
    const command = /** @type {vscode.Command} */ (action);
    return vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
  }
  const whole = /** @type {vscode.CodeAction} */ (action);
  if (whole.edit !== undefined) await vscode.workspace.applyEdit(whole.edit);
  if (whole.command !== undefined)
    return vscode.commands.executeCommand(whole.command.command, ...(whole.command.arguments ?? []));
  return null;
}

module.exports = {
  // What a person does

  /** @param {string} path @param {number} [line] @param {number} [column] */
  async open(path, line = 1, column = 0) {
    const place = new vscode.Position(line - 1, column);
    const options = { preview: false, selection: new vscode.Range(place, place) };
    await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path), options);
    await shown(path);
  },

  /** Put text into the active editor, as typing does. @param {string} text */
  async type(text) {
    await vscode.commands.executeCommand("type", { text });
  },

  /** Put text at the end of a document, in one step of undo. @param {string} path @param {string} text */
  async append(path, text) {
    const editor = await vscode.window.showTextDocument(await documentOf(path), { preview: false });
    const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    return editor.edit((edit) => edit.insert(end, text));
  },

  /** Replace a whole line, in one step of undo. @param {string} path @param {number} line @param {string} text */
  async replaceLine(path, line, text) {
    const editor = await vscode.window.showTextDocument(await documentOf(path), { preview: false });
    return editor.edit((edit) => edit.replace(editor.document.lineAt(line - 1).range, text));
  },

  /** Run a command of the editor on a document. @param {string} path @param {string} command */
  async inEditor(path, command) {
    await vscode.window.showTextDocument(await documentOf(path), { preview: false });
    await vscode.commands.executeCommand(command);
  },

  /** @param {string} path */
  async save(path) {
    return documentAt(path)?.save();
  },

  /** @param {string} command @param {unknown[]} args */
  execute(command, ...args) {
    return vscode.commands.executeCommand(command, ...args);
  },

  /**
   * Begin the one action whose title begins so; returns all titles, or null where it is not offered. It is asked for and begun at one go:
   * between two asks it may go away. It may ask the person something, so its end is not waited for.
   * @param {string} path @param {number} line @param {string} title
   */
  async choose(path, line, title) {
    const actions = await codeActions(path, line);
    const fitting = actions.filter((it) => it.title.startsWith(title));
    // Two denials begin with the same words, so a title that is whole counts before one that begins so.
    const action = fitting.find((it) => it.title === title) ?? fitting[0];
    const titles = actions.map((it) => it.title);
    if (action === undefined) return null;
    run(action).then(undefined, (error) => failures.push(`${action.title}: ${error}`));
    return titles;
  },

  /** Let another source find something on a line. @param {string} path @param {number} line @param {string} message @param {string} source */
  report(path, line, message, source) {
    const range = new vscode.Range(line - 1, 0, line - 1, 1);
    const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
    diagnostic.source = source;
    diagnostic.code = "E1";
    found.set(vscode.Uri.file(path), [diagnostic]);
  },

  /** Put away what is open, without saving, and what was said to another test. */
  async tidy() {
    await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
    await vscode.commands.executeCommand("notifications.clearAll");
    for (let left = 100; left > 0 && vscode.window.tabGroups.all.some((it) => it.tabs.length > 0); left--)
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    for (const command of ["closeAllGroups", "closePanel", "editorLayoutSingle"])
      await vscode.commands.executeCommand(`workbench.action.${command}`);
    found.clear();
    failures.length = 0;
  },

  /** @param {string} name @param {unknown} value */
  async set(name, value) {
    await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
  },

  /** Add a folder to the window's, or remove it. @param {string} path @param {boolean} added */
  folders(path, added) {
    const all = vscode.workspace.workspaceFolders ?? [];
    if (added) return vscode.workspace.updateWorkspaceFolders(all.length, 0, { uri: vscode.Uri.file(path) });
    return vscode.workspace.updateWorkspaceFolders(all.findIndex((it) => it.uri.fsPath === path), 1);
  },

  // What there is to see

  /** The text of a document that is open, null where it is not. @param {string} path */
  text(path) {
    return documentAt(path)?.getText() ?? null;
  },

  /** The text of the document that the person is in, where it is no file; null else. */
  untitled() {
    const document = vscode.window.activeTextEditor?.document;
    return document?.isUntitled === true ? document.getText() : null;
  },

  /** @param {string} path */
  dirty(path) {
    return documentAt(path)?.isDirty ?? null;
  },

  /** @param {string} path @param {number} line @param {string} [kind] */
  async actions(path, line, kind) {
    return (await codeActions(path, line, kind)).map((it) => ({
      title: it.title,
      kind: "kind" in it ? (it.kind?.value ?? "") : "",
      preferred: "isPreferred" in it && it.isPreferred === true,
    }));
  },

  /** @param {string} source */
  diagnostics(source) {
    return vscode.languages.getDiagnostics().flatMap(([uri, all]) =>
      all
        .filter((it) => it.source === source)
        .map((it) => ({
          path: uri.fsPath,
          message: it.message,
          severity: it.severity,
          code: typeof it.code === "object" ? it.code.value : it.code,
          ...plain(it.range),
        })),
    );
  },

  /** @param {string} path */
  async lenses(path) {
    const uri = vscode.Uri.file(path);
    const lenses = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri, 100);
    return /** @type {vscode.CodeLens[]} */ (lenses ?? []).map((it) => ({
      title: it.command?.title ?? "",
      ...plain(it.range),
    }));
  },

  /** @param {string} path @param {number} line @param {number} column */
  async hover(path, line, column) {
    const place = new vscode.Position(line - 1, column);
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", vscode.Uri.file(path), place);
    return /** @type {vscode.Hover[]} */ (hovers ?? []).flatMap((it) =>
      it.contents.map((content) => (typeof content === "string" ? content : content.value)),
    );
  },

  /** @param {string} path @param {number} line @param {number} column */
  async completions(path, line, column) {
    const place = new vscode.Position(line - 1, column);
    const uri = vscode.Uri.file(path);
    const list = await vscode.commands.executeCommand("vscode.executeCompletionItemProvider", uri, place);
    return /** @type {vscode.CompletionList} */ (list).items.map((it) =>
      typeof it.label === "string" ? it.label : it.label.label,
    );
  },

  failures() {
    return failures;
  },

  /** The documents that are open, shown or not. */
  documents() {
    return vscode.workspace.textDocuments
      .filter((it) => !it.isClosed && ["file", "untitled"].includes(it.uri.scheme))
      .map((it) => it.uri.toString());
  },

  commands() {
    return vscode.commands.getCommands(true);
  },

  tabs() {
    return vscode.window.tabGroups.all.flatMap((group) =>
      group.tabs.map((it) => ({ label: it.label, active: it.isActive, dirty: it.isDirty, ...shownIn(it.input) })),
    );
  },

  /** The path of the document that the person is in, null where it is none. */
  active() {
    return vscode.window.activeTextEditor?.document.uri.fsPath ?? null;
  },

  trusted() {
    return vscode.workspace.isTrusted;
  },

  /** What an extension's manifest says, and whether it runs. @param {string} id */
  extension(id) {
    const extension = vscode.extensions.getExtension(id);
    return extension && { active: extension.isActive, manifest: extension.packageJSON };
  },
};
