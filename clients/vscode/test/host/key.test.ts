/** A key that another window sets or removes is known here, too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { does, editor, settled } from "./editor";
import { Key } from "../../src/key";

function desk(): {
  key: Key;
  told: object[];
  kept: Map<string, string>;
  server: { ready: boolean };
  changed: () => void;
} {
  const told: object[] = [];
  const kept = new Map<string, string>();
  const changes = new editor.EventEmitter<{ key: string }>();
  const changed = (): void => changes.fire({ key: "postil.apiKey" });
  const storage = {
    get: (name: string) => Promise.resolve(kept.get(name)),
    store: (name: string, value: string) => {
      kept.set(name, value);
      changed();
      return Promise.resolve();
    },
    delete: (name: string) => {
      kept.delete(name);
      changed();
      return Promise.resolve();
    },
    onDidChange: changes.event,
  };
  const server = {
    ready: true,
    ask: (_: string, params: { key?: string }) => {
      told.push(params);
      return Promise.resolve({ source: (params.key ?? "") === "" ? null : "client", problem: "" });
    },
  };
  const key = new Key(storage, { add: () => undefined } as never, server as never);
  return { key, told, kept, server, changed };
}

test("a key from another window is handed over, and one that was removed there is forgotten", async () => {
  const { key, told, kept, changed } = desk();
  await key.handOver();
  assert.equal(key.status, "missing");
  kept.set("postil.apiKey", "sk-of-another");
  changed();
  await settled();
  assert.equal(key.status, "set");
  kept.clear();
  changed();
  await settled();
  assert.equal(key.status, "missing");
  assert.deepEqual(told, [{}, { key: "sk-of-another" }, { key: "" }]);
});

test("one that is set here is handed over once, and one that comes while no server is there when it starts", async () => {
  const { key, told, kept, server, changed } = desk();
  await key.handOver();
  does.push("sk-of-this");
  await key.set();
  await settled();
  assert.deepEqual(told.splice(0), [{}, { key: "sk-of-this" }]);
  server.ready = false;
  kept.set("postil.apiKey", "sk-later");
  changed();
  await settled();
  server.ready = true;
  await key.handOver();
  assert.deepEqual(told, [{ key: "sk-later" }]);
});
