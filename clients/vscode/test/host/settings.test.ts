/** Settings: what is handed to the server, and that the manifest and the table of options agree. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { OPTIONS } from "../../src/options_gen";
import { handedOptions, startedWith } from "../../src/settings";

interface Manifest {
  contributes: {
    commands: { command: string; enablement?: string }[];
    keybindings: { command: string; key: string; when: string }[];
    menus: Record<string, { command: string }[]>;
    configuration: { properties: Record<string, { scope?: string; markdownDescription?: string }> }[];
  };
  capabilities: { untrustedWorkspaces: { supported: unknown } };
}
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const properties = Object.assign(
  {},
  ...manifest.contributes.configuration.map((it) => it.properties),
) as Record<string, { scope?: string; markdownDescription?: string }>;

test("only what the person has set is handed over, where the server has it", () => {
  const said: Record<string, unknown> = {
    mode: "plan",
    "limits.session": 5,
    "limits.dayTokens": "none",
    baseUrl: "",
    maxSteps: null,
  };
  const handed = handedOptions((key) => ({ globalValue: said[key] }));
  assert.deepEqual(handed, { mode: "plan", limits: { session: 5, day_tokens: "none" } });
  assert.deepEqual(
    handedOptions(() => undefined),
    {},
  );
});

test("every option has its setting, with words, and no workspace can set one", () => {
  for (const key of [...Object.keys(OPTIONS), "server.command", "python.interpreter"]) {
    const property = properties[`postil.${key}`];
    assert.equal(property?.scope, "machine", key);
    assert.ok(property.markdownDescription, key);
  }
  for (const [name, property] of Object.entries(properties)) {
    assert.ok(name.startsWith("postil.") && property.markdownDescription, name);
  }
});

test("a change that concerns the server is told from one that does not, and from one that changes nothing", () => {
  const told = (said: Record<string, unknown>) => startedWith((key) => ({ globalValue: said[key] }));
  const before = told({ mode: "plan", "server.command": ["postil"] });
  assert.equal(told({ mode: "plan", "server.command": ["postil"], "chat.sendOn": "Enter" }), before);
  for (const [name, value] of [
    ["limits.session", 5],
    ["python.interpreter", "/p"],
    ["mode", undefined],
  ] as const) {
    assert.notEqual(told({ mode: "plan", "server.command": ["postil"], [name]: value }), before, name);
  }
});

test("every command in a menu or under a key is one that there is, and waits for the server where it needs it", () => {
  const commands = new Map(manifest.contributes.commands.map((it) => [it.command, it]));
  const named = [
    ...Object.values(manifest.contributes.menus).flat(),
    ...manifest.contributes.keybindings,
  ].map((it) => it.command);
  for (const name of named) {
    assert.ok(commands.has(name), name);
  }
  const without = [...commands.values()]
    .filter((it) => it.enablement === undefined)
    .map((it) => it.command.slice(7));
  assert.deepEqual(without.sort(), [
    "backToEditor",
    "focusChat",
    "openChat",
    "openWalkthrough",
    "removeKey",
    "reportIssue",
    "restartServer",
    "setKey",
    "showLog",
  ]);
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, "limited");
});
