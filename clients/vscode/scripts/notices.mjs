// The licences of what is bundled: each package that a bundle took something of, with its own words.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

// Of this the icons are drawn, in a file that is generated from it: no bundle names it.
const DRAWN = "node_modules/@vscode/codicons";
const NAMES = /^(licen[cs]e|copying|notice|thirdpartynotices)([-.].*)?$/i;

/** Return the folders of the packages that bundles took something of, from what esbuild says of its inputs and outputs. */
export function packagesOf(metafiles) {
  const inputs = metafiles.flatMap((it) => Object.values(it.outputs)).flatMap((it) => Object.keys(it.inputs));
  const folders = inputs.flatMap((name) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? []);
  return [...new Set([...folders, DRAWN])].sort();
}

/** Return the words of all of them; throws where one says nothing of its licence. */
export function notices(root, metafiles) {
  const parts = packagesOf(metafiles).map((folder) => {
    const at = join(root, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
    const files = readdirSync(at).filter((it) => NAMES.test(it));
    if (files.length === 0 && !license) throw new Error(`${name} ${version} says nothing of its licence`);
    const texts = files.sort().map((it) => readFileSync(join(at, it), "utf8").replace(/\r\n/g, "\n").trim());
    const head = `${name} ${version} (${license ?? "see below"})`;
    return [head, ...(texts.length > 0 ? texts : [`Licensed under ${license}.`])].join("\n\n");
  });
  const line = `\n\n${"-".repeat(80)}\n\n`;
  return `What this extension is built with, each under its own licence.${line}${parts.join(line)}\n`;
}
