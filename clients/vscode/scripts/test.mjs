// Bundles every test/**/*.test.ts and runs it by node's own test runner: no other runner is needed.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "out", "test");
const wanted = process.argv.slice(2);

const files = readdirSync(join(root, "test"), { recursive: true })
  .map((name) => join("test", String(name)))
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

rmSync(out, { recursive: true, force: true });
await esbuild.build({
  absWorkingDir: root,
  bundle: true,
  entryPoints: files,
  outbase: "test",
  outdir: out,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "inline",
  logLevel: "warning",
  packages: "external",
});

const built = readdirSync(out, { recursive: true })
  .map((name) => join(out, String(name)))
  .filter((name) => name.endsWith(".test.js"));
if (built.length === 0) {
  console.error("test: no test fits");
  process.exit(1);
}
const run = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-timeout=120000", "--test-reporter=dot", ...built],
  {
    stdio: "inherit",
    cwd: root,
  },
);
process.exit(run.status ?? 1);
