/** The consent to installing the server: asked in several places, given once, and only to what was shown. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Consent, consentWords } from "../../src/install/consent";

const OURS = { version: "3.12", path: "/usr/bin/python3" };
const OTHER = { version: "3.13", path: "/opt/python" };

test("who asks about the same Python again gets the same answer", async () => {
  const consent = new Consent();
  const answers = [consent.ask(OURS), consent.ask({ ...OURS })];
  assert.deepEqual(consent.asked, OURS);
  consent.give(OURS);
  assert.deepEqual(await Promise.all(answers), [true, true]);
  assert.equal(consent.asked, undefined);
});

test("a yes to another Python than is asked about now is none", async () => {
  const consent = new Consent();
  const first = consent.ask(OURS);
  const second = consent.ask(OTHER);
  assert.equal(await first, false, "another one took its place");
  consent.give(OURS); // By a message that still stands there.
  assert.deepEqual(consent.asked, OTHER);
  consent.give(OTHER);
  assert.equal(await second, true);
});

test("what is not needed any more is answered by no, and a late yes does nothing", async () => {
  const consent = new Consent();
  const asked = consent.ask(OURS);
  consent.withdraw();
  consent.give(OURS);
  assert.equal(await asked, false);
  const again = consent.ask(OURS);
  consent.give(OURS);
  assert.equal(await again, true);
});

test("a message says with which Python, from where, and what does not change", () => {
  assert.match(
    consentWords(OURS),
    /with Python 3\.12 from \/usr\/bin\/python3 .* Nothing else on this machine/,
  );
});
