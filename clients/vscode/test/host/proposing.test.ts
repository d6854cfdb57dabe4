/** What a code block would make of a text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inserted, whole } from "../../src/host/proposing";

test("a block stands at the cursor, or in place of what is selected, in the text's own line ends", () => {
  assert.equal(inserted("a\nb\n", [{ start: 2, end: 2 }], "x\ny\n"), "a\nx\ny\nb\n");
  assert.equal(inserted("a\r\nb\r\n", [{ start: 3, end: 4 }], "x\ny"), "a\r\nx\r\ny\r\n");
  const two = [
    { start: 4, end: 5 },
    { start: 0, end: 1 },
  ];
  assert.equal(inserted("a b c", two, "x"), "x b x");
  assert.equal(inserted("", [{ start: 0, end: 0 }], "x"), "x");
  assert.equal(inserted("$1\n", [{ start: 3, end: 3 }], "$&"), "$1\n$&");
});

test("a block that has most of a file is the whole of it, with the file's own end", () => {
  const file = "import os\n\ndef a():\n    return 1\n";
  assert.equal(whole(file, "import os\n\ndef a():\n    return 2"), "import os\n\ndef a():\n    return 2\n");
  assert.equal(whole("a\r\nb\r\nc", "a\nB\nc\n"), "a\r\nB\r\nc");
  assert.equal(whole("", "new"), "new");
});

test("a piece of a file is not the whole of it", () => {
  const file = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join("");
  assert.equal(whole(file, "line 3\nline 4\nline 5 is another"), undefined);
  const most = file.split("\n").slice(0, 30).join("\n");
  assert.notEqual(whole(file, most), undefined);
  for (const says of ["...", "# ... the rest", "// … existing code", "  /* ... */"])
    assert.equal(whole(file, `${most}\n${says}\n`), undefined, says);
  assert.notEqual(whole(`${file}...\n`, `${most}\n...\n`), undefined);
});
