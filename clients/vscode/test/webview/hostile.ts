/** Words as somebody writes them who wants the page to run, load, hide or stall. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PostilEvent } from "../../src/protocol_gen";
import type { Stamped } from "../../src/session/model";

const RUNS = [
  "<script>window.pwned=1</script>",
  '<img src=x onerror="window.pwned=2">',
  '<svg onload="window.pwned=3"><animate onbegin="window.pwned=4" attributeName=x></svg>',
  "<svg><style><img src=x onerror=window.pwned=5></style></svg>",
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwned=6&gt;">',
  '<math><mi xlink:href="javascript:window.pwned=7">x</mi></math>',
  "<iframe srcdoc='<script>parent.pwned=8</script>'></iframe>",
  '<form action="javascript:window.pwned=9"><button autofocus onfocus="window.pwned=10">x</button></form>',
  "<details open ontoggle=window.pwned=11>x</details>",
  '<b style="background:url(https://evil.example/css);position:fixed;inset:0">x</b>',
  "<link rel=stylesheet href=https://evil.example/a.css><style>@import 'https://evil.example/b.css'</style>",
  "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example/'>",
  "<video poster=https://evil.example/p.png><source src=https://evil.example/v.mp4></video>",
  "<object data=https://evil.example/o></object><embed src=https://evil.example/e>",
];
const LINKS = [
  "[run](command:workbench.action.quit)",
  "[js](javascript:window.pwned=12) [JS](JaVaScRiPt:window.pwned=13) [tab](java\tscript:window.pwned=14)",
  "[data](data:text/html,<script>window.pwned=15</script>) [vs](vscode://evil.example/x) [file](file:///etc/passwd)",
  "[blob](blob:https://evil.example/x) [res](vscode-resource://x) [none](//evil.example/x)",
  "<javascript:window.pwned=16> <command:workbench.action.quit>",
  '[quoted](https://example.com/a"onmouseover="window.pwned=17 "t\\" onclick=\\"window.pwned=18")',
];
const LOADS = [
  "![pixel](https://evil.example/pixel.png) ![data](data:image/svg+xml,<svg onload=window.pwned=19>)",
  "![by name][evil]\n\n[evil]: https://evil.example/named.png",
];
const HIDES = [
  "\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 \u009b2J",
  "\u202egpj.exe\u202c \u2066isolated\u2069 zero\u200bwidth \u{e0041}\u{e0042} \ufeff",
];

/** All of them, each in lines of its own. */
export const HOSTILE = [...RUNS, ...LINKS, ...LOADS, ...HIDES].join("\n\n");
export const MEGABYTE = "x".repeat(1_000_000);

/** Fields of events in which there are words: of models, of files, of servers, of the network. */
const WORDS = new Set([
  "also",
  "command",
  "content",
  "detail",
  "diff",
  "evidence",
  "label",
  "mend",
  "message",
  "name",
  "note",
  "output",
  "path",
  "rule",
  "source",
  "subject",
  "summary",
  "text",
  "title",
  "why",
  "words",
]);

const folder = resolve(process.cwd(), "../../tests/golden");

export function goldenNames(): string[] {
  return readdirSync(folder)
    .filter((it) => it.endsWith(".events.jsonl"))
    .map((it) => it.replace(".events.jsonl", ""));
}

/** Return a golden session with words in place of all words in it; what passes by does so in a turn that has begun. */
export function poisoned(name: string, words: string): Stamped[] {
  const passing = name === "ephemeral";
  const lines = [...(passing ? read("edit_and_shell").slice(0, 6) : []), ...read(name)];
  return lines.map(({ at, seq, after, event }) => ({
    sessionId: "s0001",
    seq: seq ?? null,
    after: seq ?? (passing ? 1_000 : (after ?? 0)),
    at: at ?? null,
    event: replaced(event, words) as PostilEvent,
  }));
}

function read(name: string): (Partial<Stamped> & { event: PostilEvent })[] {
  const lines = readFileSync(join(folder, `${name}.events.jsonl`), "utf8").trim();
  return lines.split("\n").map((it) => JSON.parse(it) as Partial<Stamped> & { event: PostilEvent });
}

function replaced(value: unknown, words: string): unknown {
  if (Array.isArray(value)) return value.map((it) => replaced(it, words));
  if (typeof value !== "object" || value === null) return value;
  const of = (name: string, it: unknown): unknown => {
    if (name === "diff" && it !== "") return `@@ -1,2 +1,2 @@ ${words}\n-${words}\n+${words}\n`;
    if (name === "input") return { path: words, pattern: words, [words]: words };
    return typeof it === "string" && WORDS.has(name) ? `${it}${words}` : replaced(it, words);
  };
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, of(name, it)]));
}
