/** A report of an issue: what helps to understand it, without secrets, names of folders, or anything of a session. */

import { release } from "node:os";
import * as vscode from "vscode";
import type { Parts } from "./host/parts";
import { namesOfPerson, withoutPlaces } from "./redact";

/** Writes the report into a document, for the person to read, change and hand on. */
export async function reportIssue(parts: Parts): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content: report(parts) });
  await vscode.window.showTextDocument(document);
}

function report(parts: Parts): string {
  const { context, server, launcher, key, conversation, secrets } = parts;
  const { version } = context.extension.packageJSON as { version: string };
  const session = conversation.session;
  const rows: [string, string][] = [
    ["Postil", version],
    ["VS Code", `${vscode.version}, ${vscode.env.appName}, ${where()}`],
    ["System", `${process.platform} ${release()} ${process.arch}`],
    ["Python", launcher.python.state === "found" ? launcher.python.version : launcher.python.state],
    ["Server", `${server.phase}. ${server.message}`],
    ["Key", key.status],
    [
      "Workspace",
      `${vscode.workspace.isTrusted ? "trusted" : "restricted"}, folders: ${(vscode.workspace.workspaceFolders ?? []).length}`,
    ],
    [
      "Session",
      `mode ${session.mode}, turns ${session.turnCount}, calls ${session.callCount}, questions ${session.questions.size}`,
    ],
    ["Settings", changed()],
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value.replaceAll("|", "\\|")} |`).join("\n");
  const folders = (vscode.workspace.workspaceFolders ?? []).map((it): [string, string] => [
    it.uri.fsPath,
    "(workspace)",
  ]);
  const text = [
    "# Issue",
    "",
    "What happened:",
    "",
    "What you expected:",
    "",
    "How to make it happen again:",
    "",
    "## About this machine",
    "",
    "Nothing of a conversation or of your files is in here. Read it before you hand it on.",
    "",
    "| what | value |",
    "|---|---|",
    table,
    "",
  ].join("\n");
  return secrets.clean(withoutPlaces(text, [...folders, ...namesOfPerson()]));
}

/** Says what kind of window it is; the name of a host is nobody's business. */
function where(): string {
  const name = vscode.env.remoteName;
  const kinds = ["ssh-remote", "dev-container", "attached-container", "wsl", "codespaces", "tunnel"];
  return name === undefined ? "local" : (kinds.find((it) => name.startsWith(it)) ?? "remote");
}

/** Names the settings that were changed; their values are nobody's business. */
function changed(): string {
  const said = vscode.workspace.getConfiguration("postil");
  const properties = vscode.extensions.all
    .flatMap((it) => Object.keys(sections(it.packageJSON)))
    .filter((name) => name.startsWith("postil."))
    .map((name) => name.slice("postil.".length));
  const names = properties.filter((name) => said.inspect(name)?.globalValue !== undefined);
  return names.length === 0 ? "defaults" : names.join(", ");
}

function sections(manifest: unknown): Record<string, unknown> {
  const said = manifest as { name?: string; contributes?: { configuration?: unknown } };
  const list =
    said.name === "postil" && Array.isArray(said.contributes?.configuration)
      ? (said.contributes.configuration as { properties?: Record<string, unknown> }[])
      : [];
  return Object.assign({}, ...list.map((it) => it.properties ?? {})) as Record<string, unknown>;
}
