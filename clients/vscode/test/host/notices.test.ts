/** The licences of what is bundled: every package that a bundle took something of is there, with its words. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import * as esbuild from "esbuild";

interface Notices {
  readonly packagesOf: (metafiles: readonly object[]) => string[];
  readonly notices: (root: string, metafiles: readonly object[]) => string;
}

const root = process.cwd();
const script = async (): Promise<Notices> =>
  (await import(pathToFileURL(join(root, "scripts", "notices.mjs")).href)) as Notices;

async function built(entry: string, platform: "node" | "browser"): Promise<esbuild.Metafile> {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    metafile: true,
    write: false,
    outdir: "out/none",
    platform,
    external: ["vscode"],
    logLevel: "silent",
    target: "es2022",
  });
  return metafile;
}

test("each package that code comes from is named with its version, and its own licence follows", async () => {
  const { notices } = await script();
  const metafiles = await Promise.all([
    built("src/extension.ts", "node"),
    built("webview/main.ts", "browser"),
  ]);
  const text = notices(root, metafiles);
  const names = new Set(
    metafiles
      .flatMap((it) => Object.values(it.outputs).flatMap((out) => Object.keys(out.inputs)))
      .flatMap((it) => (it.includes("node_modules/") ? [it.split("node_modules/").at(-1) ?? ""] : []))
      .map((it) =>
        it
          .split("/")
          .slice(0, it.startsWith("@") ? 2 : 1)
          .join("/"),
      ),
  );
  assert.ok(names.size > 10 && names.has("vscode-languageclient") && names.has("dompurify"));
  for (const name of [...names, "@vscode/codicons"]) {
    const at = join(root, "node_modules", name, "package.json");
    const { version } = JSON.parse(readFileSync(at, "utf8")) as { version: string };
    assert.ok(text.includes(`\n${name} ${version} (`), name);
  }
  assert.match(text, /Mozilla Public License|Apache License/);
  assert.ok(!text.includes("esbuild"), "what only builds is not bundled");
});

test("a package that says nothing of its licence is an error, and one without a file is told by its name", async () => {
  const { notices, packagesOf } = await script();
  const folder = mkdtempSync(join(tmpdir(), "postil-notices-"));
  const put = (name: string, what: object): void => {
    mkdirSync(join(folder, "node_modules", name), { recursive: true });
    writeFileSync(
      join(folder, "node_modules", name, "package.json"),
      JSON.stringify({ name, version: "1.0.0", ...what }),
    );
  };
  const from = (...names: string[]): object => ({
    outputs: {
      "x.js": { inputs: Object.fromEntries(names.map((it) => [`node_modules/${it}/a.js`, {}])) },
    },
  });
  put("@vscode/codicons", { license: "CC-BY-4.0" });
  put("a", { license: "MIT" });
  put("b", {});
  try {
    assert.deepEqual(packagesOf([from("a", "@s/c")]), [
      "node_modules/@s/c",
      "node_modules/@vscode/codicons",
      "node_modules/a",
    ]);
    assert.ok(notices(folder, [from("a")]).includes("a 1.0.0 (MIT)\n\nLicensed under MIT."));
    assert.throws(() => notices(folder, [from("b")]), /b 1.0.0 says nothing of its licence/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
