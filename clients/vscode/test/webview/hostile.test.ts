/** Whatever the words of a session are, the whole view shows them as words: nothing runs, loads, hides or stalls. */
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import type { ToView } from "../../src/chat/messages";
import { goldenNames, HOSTILE, MEGABYTE, poisoned } from "./hostile";
import { beginning, furnish } from "./page";

const ELEMENTS = new Set(
  (
    "main div span p b strong em s small code pre mark button textarea ul ol li dl dt dd h1 h3 br hr blockquote " +
    "table thead tbody tr th td a svg path circle i kbd label"
  ).split(" "),
);
const ATTRIBUTES =
  /^(aria-[a-z]+|class|cx|cy|d|data-(card|choice|href|option|prompt|row|turn)|disabled|for|hidden|href|id|placeholder|r|role|rows|start|stroke-dasharray|tabindex|title|type|viewBox|style)$/;
/** What hides, reorders or steers. */
const HIDING =
  // eslint-disable-next-line no-control-regex -- it is what must not be there
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e0fff}]/u;

let clear: () => void = () => undefined;
let show: (name: string, words: string) => Promise<HTMLElement>;

afterEach(() => clear());

before(async () => {
  furnish();
  const { h, render } = await import("preact");
  const { Chat } = await import("../../webview/chat");
  const { nothingKept } = await import("../../webview/kept");
  const { App } = await import("../../webview/view/app");
  show = async (name, words) => {
    const chat = new Chat({
      postMessage: () => undefined,
      getState: () => ({ ...nothingKept(), sessionId: "s0001" }),
      setState: () => undefined,
    });
    const box = document.createElement("div");
    document.body.replaceChildren(box);
    chat.host.receive(beginning({ foldReads: false }));
    const events = poisoned(name, words);
    const seq = events.at(-1)?.seq ?? 0;
    const found = { suspended: false, readOnly: false, note: words };
    const opened: ToView = { type: "sessionOpened", sessionId: "s0001", seq, events, ...found };
    chat.host.receive(opened);
    chat.fault = words;
    render(h(App, { chat }), box);
    clear = () => render(null, box);
    await openAll(box);
    return box;
  };
});

/** Open every row and every fold, until there is none left to open. */
async function openAll(box: HTMLElement): Promise<void> {
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  for (let round = 0; round < 8; round++) {
    await settled();
    const closed = box.querySelectorAll<HTMLElement>("button.row[aria-expanded=false], button.fold");
    if (closed.length === 0) return;
    for (const it of closed) it.click();
  }
}

function complaints(box: HTMLElement): string[] {
  const found: string[] = [];
  for (const element of box.querySelectorAll("*")) {
    const name = element.localName;
    if (!ELEMENTS.has(name)) found.push(`<${name}>`);
    if (name === "svg" && element.closest(".icon, .meter") === null) found.push("<svg> that is no icon");
    for (const { name: attribute, value } of element.attributes) {
      if (!ATTRIBUTES.test(attribute)) found.push(`${name} ${attribute}`);
      if (attribute === "href" && value !== "#") found.push(`href ${value}`);
      if (attribute === "data-href" && !/^(https?:|[^:]*$)/.test(value)) found.push(`data-href ${value}`);
      if (attribute === "style" && !/^(height|width): [\d.]+(px|%);$/.test(value))
        found.push(`style ${value}`);
      // A row's own name is looked up and never shown.
      if (attribute !== "data-row" && HIDING.test(value)) found.push(`hidden in ${attribute}`);
    }
    for (const node of element.childNodes)
      if (node.nodeType === 3 && HIDING.test(node.nodeValue ?? "")) found.push(`hidden in <${name}>`);
  }
  return found;
}

for (const name of goldenNames()) {
  test(`hostile words everywhere: ${name}`, async () => {
    const box = await show(name, HOSTILE);
    assert.deepEqual([...new Set(complaints(box))], []);
    assert.equal((window as { pwned?: number }).pwned, undefined);
    assert.ok(box.textContent.includes("\\u202egpj.exe"), "the words are there to be read");
  });
}

for (const name of ["ephemeral", "verified", "edit_and_shell", "delegated", "requests", "grants_and_todo"]) {
  test(`a line of a megabyte everywhere: ${name}`, async () => {
    const box = await show(name, MEGABYTE);
    assert.ok(box.textContent.includes("x".repeat(100)));
    assert.ok(box.textContent.includes("more characters)"), "what is left out is told of");
    const texts = [...box.querySelectorAll("*")].flatMap((it) =>
      [...it.childNodes].filter((node) => node.nodeType === 3).map((node) => node.nodeValue?.length ?? 0),
    );
    assert.ok(Math.max(...texts) <= 21_000, String(Math.max(...texts)));
    for (const it of box.querySelectorAll("[title], [aria-label]"))
      assert.ok(`${it.getAttribute("title")}${it.getAttribute("aria-label")}`.length < 3_000);
  });
}

test("what looks for hostile words finds them", () => {
  const box = document.createElement("div");
  box.innerHTML =
    '<img src=x><b onclick="x">a</b><a href="javascript:x">b</a><p style="color:red">\u202ec</p>';
  assert.equal(complaints(box).length, 6);
});
