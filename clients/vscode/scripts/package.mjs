// Packs the extension: what was built, and beside it the server's wheel and the lock with the hashes of all that it needs.
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const repository = join(root, "..", "..");
const server = join(root, "server");
const [wheels, target] = process.argv.slice(2);
if (wheels === undefined || target === undefined) {
  console.error("package: name the folder of the wheel and the file to write; `make vscode` does");
  process.exit(2);
}

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const wheel = readdirSync(wheels).find((name) => name === `postil-${version}-py3-none-any.whl`);
if (wheel === undefined) {
  console.error(
    `package: there is no wheel of postil ${version}; the extension and the server have one version`,
  );
  process.exit(1);
}
rmSync(server, { recursive: true, force: true });
mkdirSync(server);
copyFileSync(join(wheels, wheel), join(server, wheel));
copyFileSync(join(repository, "requirements", "runtime.txt"), join(server, "requirements.txt"));
copyFileSync(join(repository, "LICENSE"), join(root, "LICENSE"));
const hash = (name) =>
  createHash("sha256")
    .update(readFileSync(join(server, name)))
    .digest("hex");
const bundle = {
  version,
  wheel,
  wheelHash: hash(wheel),
  lock: "requirements.txt",
  lockHash: hash("requirements.txt"),
};
writeFileSync(join(server, "bundle.json"), `${JSON.stringify(bundle, null, 2)}\n`);

for (const name of ["extension.js", "uninstall.js", "webview.js", "webview.css", "ThirdPartyNotices.txt"]) {
  if (!existsSync(join(root, "dist", name))) {
    console.error(`package: dist/${name} is missing; run the build first`);
    process.exit(1);
  }
}
const vsce = join(root, "node_modules", "@vscode", "vsce", "vsce");
const args = [
  "package",
  "--no-dependencies",
  "--allow-missing-repository",
  "--no-rewrite-relative-links",
  "--out",
  target,
];
const run = spawnSync(process.execPath, [vsce, ...args], { cwd: root, encoding: "utf8" });
if (run.status !== 0) {
  console.error(`${run.stdout}${run.stderr}`);
  process.exit(run.status ?? 1);
}
console.log(`${(statSync(target).size / 1024).toFixed(0)} KB`);
