/** The chat's page: a frame for what the webview's own code draws, that loads nothing else and runs nothing else. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Returns the page. Styles may be set by scripts of ours (`style-src` with the source), never by what a model writes. */
export function page(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = randomBytes(18).toString("base64");
  const source = webview.cspSource;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source} 'nonce-${nonce}'`,
    `font-src ${source}`,
    `img-src ${source} data:`,
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file("webview.css")}" id="vscode-codicon-stylesheet" nonce="${nonce}">
<title>Postil</title>
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${file("webview.js")}"></script>
</body>
</html>`;
}
