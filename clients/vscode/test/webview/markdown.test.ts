/** What a model writes runs nothing, loads nothing and hides nothing. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { JSDOM } from "jsdom";
import { blocksOf, growing, infoOf } from "../../webview/markdown/blocks";
import { highlighted } from "../../webview/markdown/highlight";
import { clipped, revealed, tail } from "../../webview/markdown/reveal";

let prose: (source: string) => DocumentFragment;
let code: (html: string) => DocumentFragment;

before(async () => {
  const { window } = new JSDOM("<!doctype html><body></body>");
  Object.assign(globalThis, { window, document: window.document });
  ({ prose, code } = await import("../../webview/markdown/render"));
});

function html(fragment: DocumentFragment): string {
  const box = document.createElement("div");
  box.append(fragment);
  return box.innerHTML;
}

const HOSTILE = [
  "<script>window.pwned=1</script>",
  "<img src=x onerror=window.pwned=1>",
  "<svg><animate onbegin=alert(1)></svg>",
  "<a href='javascript:alert(1)'>x</a>",
  "<iframe src='https://example.com'></iframe>",
  "<style>@import 'https://example.com/a.css'</style>",
  "![pixel](https://example.com/pixel.png)",
  "![pixel][p]\n\n[p]: https://example.com/pixel.png",
  "[a](command:workbench.action.quit)",
  "[a](javascript:alert(1))",
  "[a](java\tscript:alert(1))",
  "[a](&#106;avascript:alert(1))",
  "[a](vbscript:x) [b](data:text/html;base64,PHNjcmlwdD4=) [c](vscode://x/y) [d](file:///etc/passwd)",
  "[a](//evil.example/x)",
  "<b onclick=alert(1) style='background:url(https://example.com)'>x</b>",
  "`<script>` and <math><mi xlink:href='javascript:1'>",
  "[x](https://example.com 'title\" onmouseover=\"alert(1)')",
];

for (const source of HOSTILE) {
  test(`nothing runs or loads: ${source.slice(0, 50)}`, () => {
    const shown = prose(source);
    for (const element of shown.querySelectorAll("*")) {
      assert.ok(
        !["script", "img", "svg", "iframe", "style", "math", "link", "object", "form", "input"].includes(
          element.localName,
        ),
        element.localName,
      );
      for (const { name, value } of element.attributes) {
        assert.ok(
          ["href", "start", "class", "tabindex", "role", "aria-label", "data-href"].includes(name),
          name,
        );
        if (name === "href") assert.equal(value, "#");
        if (name === "data-href") assert.match(value, /^https?:\/\//);
      }
    }
  });
}

test("ordinary Markdown is shown as such", () => {
  assert.equal(html(prose("A **b** `c`")), "<p>A <strong>b</strong> <code>c</code></p>\n");
  assert.match(
    html(prose("[a](https://example.com/x)")),
    /<a href="#" data-href="https:\/\/example.com\/x">a<\/a>/,
  );
  assert.match(html(prose("[a](src/a.py#L3)")), /data-href="src\/a.py#L3"/);
  assert.match(html(prose("| a |\n|---|\n| b |")), /<div class="table".*<table>/s);
});

test("a heading is no heading of the page's", () => {
  assert.equal(html(prose("## You")), '<p class="heading">You</p>\n');
});

test("a link that says another address shows the true one", () => {
  assert.match(
    html(prose("[https://bank.example](https://evil.example/login)")),
    /https:\/\/bank\.example \(https:\/\/evil\.example\/login\)/,
  );
});

test("what hides or reorders is written as escapes, as the server writes it", () => {
  assert.equal(revealed("a\u202eb\u001b[31m\u200bc\r\nd\re\ttab"), "a\\u202eb\\x1b[31m\\u200bc\nd\\re\ttab");
  assert.equal(revealed("\u{e0041}x\ud800"), "\\U000e0041x\ufffd");
  assert.equal(revealed("ünï ✔\ufe0f 日本 👩"), "ünï ✔\ufe0f 日本 👩");
  assert.ok(!html(prose("A \u202etrick")).includes("\u202e"));
});

test("a line of a megabyte is cut to what can be shown", () => {
  const line = "x".repeat(1_000_000);
  assert.ok(clipped(line).length < 3_000);
  assert.match(clipped(line), /998000 more characters/);
  assert.ok(html(prose(line)).length < 30_000);
  assert.deepEqual(tail("1\n2\n3\n", 2), { text: "2\n3", before: 1 });
});

test("a text is cut into blocks, and what was a block stays one while it grows", () => {
  const text = "One.\n\n- a\n\n- b\n\nTwo.\n\n```py src/a.py\nx\n\ny\n```\n\nThree";
  const kinds = blocksOf(text).map((it) =>
    it.kind === "code" ? `${it.language}|${it.path}|${it.code}|${it.closed}` : it.source,
  );
  assert.deepEqual(kinds, ["One.", "- a\n\n- b", "Two.", "py|src/a.py|x\n\ny|true", "Three"]);
  let before = blocksOf("");
  for (let at = 1; at <= text.length; at++) {
    const now = blocksOf(text.slice(0, at));
    assert.deepEqual(
      now.slice(0, Math.max(0, before.length - 2)),
      before.slice(0, Math.max(0, before.length - 2)),
      `at ${at}`,
    );
    before = now;
  }
  assert.equal(blocksOf("```\nopen")[0]?.kind === "code" && blocksOf("```\nopen").length, 1);
});

test("a text that grows is cut as the whole is, however it grows", () => {
  const text =
    "One.\n\n\n  \n- a\n  more\n\n- b\n\nTwo.\n```py src/a.py\nx\n\n```\n~~~\n```\n~~~\n\n\n# H\n> q\n\nEnd\n```js\nopen";
  for (const step of [1, 2, 3, 7, 40]) {
    const read = growing();
    for (let at = 0; at <= text.length + step; at += step)
      assert.deepEqual(read(text.slice(0, at)), blocksOf(text.slice(0, at)), `${step} to ${at}`);
    assert.deepEqual(read("Another text."), blocksOf("Another text."));
    assert.deepEqual(read(text), blocksOf(text));
  }
});

test("what stands on a fence says language and file", () => {
  assert.deepEqual(infoOf("python src/tidy/parser.py"), { language: "python", path: "src/tidy/parser.py" });
  assert.deepEqual(infoOf("ts:src/a.ts"), { language: "ts", path: "src/a.ts" });
  assert.deepEqual(infoOf("src/a.py"), { language: "py", path: "src/a.py" });
  assert.deepEqual(infoOf("js"), { language: "js", path: "" });
  assert.deepEqual(infoOf(""), { language: "", path: "" });
});

test("code is marked by classes alone", () => {
  const marked = highlighted('print("<img onerror=1>")', "python");
  assert.ok(marked !== null);
  const shown = code(marked);
  assert.equal(shown.textContent, 'print("<img onerror=1>")');
  assert.ok([...shown.querySelectorAll("*")].every((it) => it.localName === "span"));
  assert.equal(highlighted("x", "no-such-language"), null);
});

test("paths lead to files: as links, and in backticks", () => {
  const links = (source: string): string[] =>
    [...prose(source).querySelectorAll("a")].map((it) => it.dataset["href"] ?? "");
  assert.deepEqual(links("[x](docs/y.md#L3) [y](a.py:12) [z](src/a.py:12)"), [
    "docs/y.md#L3",
    "a.py:12",
    "src/a.py:12",
  ]);
  assert.deepEqual(links("`src/a.py` `./a.py` `a.py:12` `src/a.py:12-20` `/home/ada/x.py:3`"), [
    "src/a.py",
    "./a.py",
    "a.py:12",
    "src/a.py:12-20",
    "/home/ada/x.py:3",
  ]);
  assert.deepEqual(links("`os.path` `a.b()` `and/or` `rm -rf a/b.py` `command:x/y.z` `a.py`"), []);
  assert.deepEqual(links("[`src/a.py`](https://example.org)"), ["https://example.org"]);
});

test("what no click would follow is no link", () => {
  for (const href of ["mailto:a@example.org", "MAILTO:a@example.org", "ftp://example.org/a", "command:quit"])
    assert.equal(prose(`[write](${href}) or <${href}>`).querySelector("a"), null, href);
  assert.equal(prose("[see](https://example.org)").querySelectorAll("a").length, 1);
});
