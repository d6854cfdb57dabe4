// Bundles the extension host's code and, apart from it, what runs in the chat's webview.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { notices } from "./notices.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const watch = process.argv.includes("--watch");
const development = watch || process.argv.includes("--development");

const common = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  legalComments: "linked",
  logLevel: "warning",
  minify: !development,
  sourcemap: development ? "inline" : false,
  target: "es2022",
};

const bundles = [
  {
    ...common,
    entryPoints: { extension: "src/extension.ts", uninstall: "src/uninstall.ts" },
    outdir: "dist",
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
  },
];

if (existsSync(join(root, "webview/main.ts"))) {
  bundles.push({
    ...common,
    // An import of a stylesheet in main.ts becomes dist/webview.css.
    entryPoints: { webview: "webview/main.ts" },
    outdir: "dist",
    platform: "browser",
    format: "iife",
    loader: { ".ttf": "file", ".woff2": "file", ".svg": "dataurl" },
    assetNames: "[name]",
  });
}

if (watch) {
  for (const bundle of bundles) await (await esbuild.context(bundle)).watch();
} else {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const built = await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
  const text = notices(
    root,
    built.map((it) => it.metafile),
  );
  writeFileSync(join(root, "dist", "ThirdPartyNotices.txt"), text);
}
