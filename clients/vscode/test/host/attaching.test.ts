/** The list of *Attach Files*: what the server finds in each folder, by what the person leaves out of lists. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { editor, shown } from "./editor";
import "./desk";
import { pickContext } from "../../src/host/attaching";

const uri = (path: string) => ({ scheme: "file", path, fsPath: path, toString: () => `file://${path}` });

test("files to attach are those that the server lists, once, and those that are chosen are chips", async () => {
  const { workspace, Uri } = editor as unknown as { workspace: object; Uri: object };
  Object.assign(Uri, { parse: (text: string) => uri(text.replace("file://", "")) });
  Object.assign(workspace, {
    workspaceFolders: [{ uri: uri("/w") }, { uri: uri("/w/lib") }],
    getConfiguration: (section: string) => ({
      get: () => (section === "files" ? { "**/.git": true } : { out: true, kept: false }),
    }),
    fs: { stat: () => Promise.resolve({ type: 1 }) },
  });
  const lists: object = {
    "file:///w": [
      ["b.py", "file:///w/b.py"],
      ["lib/a.py", "file:///w/lib/a.py"],
    ],
    "file:///w/lib": [["lib/a.py", "file:///w/lib/a.py"]],
  };
  const asked: object[] = [];
  const posts: object[] = [];
  const server = {
    ask: (method: string, params: { uri: keyof typeof lists }) => {
      asked.push({ method, ...params });
      const files = (lists[params.uri] as string[][]).map(([path, at]) => ({ path, uri: at }));
      return Promise.resolve({ files, complete: true });
    },
  };
  let chosen: readonly object[] = [];
  editor.window.showQuickPick = (items, options) => {
    shown.push({ what: "pick", text: options.title, labels: items.map((it) => it.label) });
    chosen = items.slice(1);
    return Promise.resolve(chosen as never);
  };
  await pickContext({ server, chat: { post: (it: object) => posts.push(it) } } as never);
  const exclude = ["**/.git", "out"];
  assert.deepEqual(asked, [
    { method: "postil/files", uri: "file:///w", exclude },
    { method: "postil/files", uri: "file:///w/lib", exclude },
  ]);
  assert.deepEqual(shown.at(-1)?.labels, ["b.py", "a.py"]);
  const context = { kind: "file", path: "/w/lib/a.py", text: "", first_line: 0, last_line: 0 };
  assert.deepEqual(posts, [
    { type: "attach", items: [{ label: "a.py", context: { ...context, name: "", note: "", sources: [] } }] },
  ]);
});
