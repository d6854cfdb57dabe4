// Development only: builds the gallery of the chat's states, takes its pictures, and looks for what axe objects to.
//   node scripts/gallery.mjs                  builds out/gallery/index.html
//   node scripts/gallery.mjs --shoot FOLDER   pictures: dark, light, high contrast, at 240, 300, 360 and 600 px
//   node scripts/gallery.mjs --documents FOLDER   the four pictures of README and documents
//   node scripts/gallery.mjs --axe            fails where there is a violation of level A or AA
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = join(root, "out", "gallery");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await esbuild.build({
  absWorkingDir: root,
  bundle: true,
  entryPoints: { gallery: "webview/gallery/gallery.ts" },
  outdir: out,
  platform: "browser",
  format: "iife",
  target: "es2022",
  logLevel: "warning",
});
const policy =
  "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; font-src 'self'";
writeFileSync(
  join(out, "index.html"),
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Postil chat</title><meta http-equiv="Content-Security-Policy" content="${policy}"><link rel="stylesheet" href="gallery.css"></head><body><script src="gallery.js"></script></body></html>`,
);

const page = (query) => `${pathToFileURL(join(out, "index.html")).href}?${query}`;
const profile = join(tmpdir(), `gallery-${process.pid}`);
const chromium = (...args) =>
  execFileSync(
    process.env.CHROMIUM ?? "chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--allow-file-access-from-files",
      `--user-data-dir=${profile}`,
      ...args,
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 64_000_000 },
  );

/** How high the sheet of all states is: they are as many as there are. */
const heightOf = (width, query) => {
  const dom = chromium(
    `--window-size=${width},1000`,
    "--virtual-time-budget=1000",
    "--dump-dom",
    page(query),
  );
  const height = Number(/<html[^>]* data-height="(\d+)"/.exec(dom)?.[1]);
  if (!(height > 0)) throw new Error("the gallery was not painted");
  return height;
};

const shoot = process.argv.indexOf("--shoot");
if (shoot > 0) {
  const folder = resolve(process.argv[shoot + 1] ?? "pictures");
  mkdirSync(folder, { recursive: true });
  const only = process.argv[shoot + 2];
  for (const [theme, w] of [
    ["dark", 360],
    ["light", 360],
    ["hc", 360],
    ["dark", 240],
    ["dark", 300],
    ["light", 600],
  ]) {
    const name = `${theme}-${w}`;
    if (only !== undefined && only !== name) continue;
    const width = 4 * w + 5 * 24;
    chromium(
      `--window-size=${width},${heightOf(width, `theme=${theme}&w=${w}`)}`,
      "--virtual-time-budget=4000",
      `--screenshot=${join(folder, `${name}.png`)}`,
      page(`theme=${theme}&w=${w}`),
    );
  }
}
const documents = process.argv.indexOf("--documents");
if (documents > 0) {
  const folder = resolve(process.argv[documents + 1] ?? "pictures");
  mkdirSync(folder, { recursive: true });
  for (const [state, theme] of [
    ["streaming", "dark"],
    ["permission", "light"],
    ["verified", "dark"],
    ["halted", "hc"],
  ]) {
    chromium(
      "--window-size=360,640",
      "--force-device-scale-factor=1.5",
      "--virtual-time-budget=4000",
      `--screenshot=${join(folder, `chat-${state}.png`)}`,
      page(`theme=${theme}&state=${state}&w=360&h=640&alone`),
    );
  }
}
if (process.argv.includes("--axe")) {
  let violations = 0;
  for (const theme of ["dark", "light", "hc"]) {
    const dom = chromium(
      `--window-size=1600,${heightOf(1600, `theme=${theme}`)}`,
      "--virtual-time-budget=20000",
      "--dump-dom",
      page(`theme=${theme}&axe`),
    );
    const found = /<pre id="axe">([\s\S]*?)<\/pre>/.exec(dom)?.[1];
    if (found === undefined) throw new Error(`axe did not run (${theme})`);
    const { passes, report } = JSON.parse(
      found
        .replace(/&lt;/g, "<")
        .replace(/&gt;/g, ">")
        .replace(/&quot;/g, '"')
        .replace(/&amp;/g, "&"),
    );
    violations += report.length;
    console.log(`${theme}: ${passes} rules pass, ${report.length} do not`);
    for (const it of report) console.log(JSON.stringify(it, null, 1).slice(0, 3_000));
  }
  process.exitCode = violations > 0 ? 1 : 0;
}
rmSync(profile, { recursive: true, force: true });
