import assert from "node:assert/strict";
import { test } from "node:test";
import { actedIn } from "../../webview/format";

test("where somebody acted is said as people call it, and not where it was here", () => {
  const said = ["", "lsp", "lsp:VS Code", "lsp:Neovim", "acp:Zed", "acp", "cli", "lsp:\u202ex"].map(actedIn);
  assert.deepEqual(said, [
    "",
    "",
    "",
    " in Neovim",
    " in Zed",
    " in another editor",
    " in the terminal",
    " in \\u202ex",
  ]);
});
