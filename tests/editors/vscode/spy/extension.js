// The other end of `bridge.py`: one line of JSON for each call, one for its answer.
"use strict";

const net = require("node:net");
const readline = require("node:readline");
const vscode = require("vscode");
const calls = require("./calls.js");

/** @param {vscode.ExtensionContext} context */
exports.activate = (context) => {
  const address = process.env["POSTIL_TEST_BRIDGE"];
  if (address === undefined) return;
  const socket = net.connect(address);
  /** @param {object} message */
  const say = (message) => socket.write(`${JSON.stringify(message)}\n`);
  socket.on("error", () => socket.destroy());
  context.subscriptions.push({ dispose: () => socket.destroy() });
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  say({ folder, pid: process.pid, version: vscode.version });
  readline.createInterface({ input: socket }).on("line", async (line) => {
    const { id, name, args } = /** @type {{ id: number, name: string, args: unknown[] }} */ (JSON.parse(line));
    try {
      const call = /** @type {Record<string, (...given: any[]) => unknown>} */ (calls)[name];
      if (call === undefined) throw new Error(`the spy has no ${name}`);
      say({ id, result: (await call(...args)) ?? null });
    } catch (error) {
      say({ id, error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
    }
  });
};
