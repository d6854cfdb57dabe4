// Checks the types of the webview's code, which knows the DOM and not the extension host.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
if (existsSync(join(root, "webview/tsconfig.json"))) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = spawnSync(process.execPath, [tsc, "--noEmit", "-p", "webview"], {
    stdio: "inherit",
    cwd: root,
  });
  process.exit(run.status ?? 1);
}
