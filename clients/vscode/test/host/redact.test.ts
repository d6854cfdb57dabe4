/** Secrets in the log and in reports. */

import assert from "node:assert/strict";
import { homedir } from "node:os";
import { test } from "node:test";
import { namesOfPerson, Secrets, withoutPlaces } from "../../src/redact";

test("a known secret is taken out, as it is and as it stands in JSON", () => {
  const secrets = new Secrets();
  secrets.add('key-with-"quotes"\\inside');
  assert.equal(secrets.clean('it is key-with-"quotes"\\inside.'), "it is [redacted].");
  assert.equal(secrets.clean(JSON.stringify({ key: 'key-with-"quotes"\\inside' })), '{"key":"[redacted]"}');
  assert.equal(secrets.cleanValue({ key: 'key-with-"quotes"\\inside' }), '{"key":"[redacted]"}');
  assert.match(
    String(secrets.cleanValue(new Error('no key-with-"quotes"\\inside'))),
    /^Error: no \[redacted\]/,
  );
  assert.equal(secrets.cleanValue(5), 5);
});

test("what has the shape of a secret is taken out although nobody knows it", () => {
  const secrets = new Secrets();
  const shapes = [
    `sk-ant-api03-${"a".repeat(40)}`,
    `ghp_${"b".repeat(36)}`,
    `AKIA${"C".repeat(16)}`,
    `-----BEGIN RSA PRIVATE KEY-----\n${"d".repeat(64)}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\n${"e".repeat(64)}`,
  ];
  for (const shape of shapes) {
    assert.equal(secrets.clean(`before ${shape} after`.trim()).includes(shape.slice(6, 40)), false, shape);
  }
  assert.equal(secrets.clean("a task-list of sk-8 risks"), "a task-list of sk-8 risks");
});

test("a short text is no secret: it would black out half of the log", () => {
  const secrets = new Secrets();
  secrets.add("");
  secrets.add("ab");
  assert.equal(secrets.clean("about"), "about");
});

test("names of folders go, the longest first", () => {
  const places: [string, string][] = [
    ["/home/ann", "~"],
    ["/home/ann/code/secret", "(workspace)"],
    ["ann", "(user)"],
    ["/", "x"],
  ];
  assert.equal(
    withoutPlaces("/home/ann/code/secret/a.py, /home/ann/b, ann", places),
    "(workspace)/a.py, ~/b, (user)",
  );
});

test("a user without an entry in the system has no name to take out, and the folder all the same", () => {
  const none = (): string => {
    throw new Error("A system error occurred: uv_os_get_passwd returned ENOENT");
  };
  assert.deepEqual(namesOfPerson(none), [[homedir(), "~"]]);
  assert.deepEqual(
    namesOfPerson(() => "ada"),
    [
      [homedir(), "~"],
      ["ada", "(user)"],
    ],
  );
});
