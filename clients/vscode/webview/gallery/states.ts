/** The states of the chat, as events and what the host says beside them. */
import type { Status } from "../../src/chat/messages";
import { gaveUp } from "../../src/client/restart";
import type { Kept } from "../kept";
import { Script } from "./script";
import { waitsBelow } from "./waits";

export interface State {
  name: string;
  title: string;
  status?: Partial<Status>;
  script?: Script;
  children?: Script[];
  kept?: Partial<Kept>;
  suspended?: boolean;
  readOnly?: boolean;
  /** Rows to open, by a word in them. */
  opens?: string[];
  meter?: boolean;
  focus?: boolean;
  /** What is looked for in the conversation. */
  find?: string;
  scrollTo?: number;
}

const OLD = "Postil needs Python 3.11 or newer. Found: 3.9 at /usr/bin/python3.";
const DIFF = `@@ -40,6 +40,6 @@ split_header
 def split_header(line: str):
-    end = line.rindex("\\n")
-    body = line[:end]
+    end = line.find("\\n")
+    body = line if end < 0 else line[:end]
     return body.split(";")
`;
const CODE =
  '```python src/tidy/parser.py\ndef split_header(line: str) -> list[str]:\n    end = line.find("\\n")\n    body = line if end < 0 else line[:end]\n    return body.split(";")\n```';
const READ = (n: number): [string, Record<string, unknown>][] =>
  Array.from({ length: n }, (_, i) => ["read", { path: `src/f${i}.py` }]);
const STEPS = [
  "Find where the last field is lost",
  "Keep the stripped newline for both callers",
  "Add a test for the last field",
  "Run the new tests",
];

function reads(script: Script, files: number, searches: number): Script {
  for (let i = 0; i < files; i++) script.call("read", `Read src/f${i}.py`, { seconds: 0.05 });
  for (let i = 0; i < searches; i++)
    script.call("search", "Search parse_header", { tool: "grep", seconds: 0.05 });
  return script;
}

function first(id: string): Script {
  return new Script(id).prompt(
    "parse_header drops the last field when the line has no newline. Fix it and add a test.",
    [{ path: "src/tidy/parser.py", first_line: 38, last_line: 61 }],
  );
}

function streaming(): Script {
  const script = first("streaming");
  script.reply(
    { think: "Where is the field lost?", calls: [...READ(4), ["grep", {}], ["grep", {}]] },
    { k: 20, cost: 0.1 },
  );
  reads(script, 4, 2);
  script.reply(
    {
      text: `The loop ends at the last separator, so a line without \`\\n\` loses what follows it. Two callers rely on the newline being stripped, so I will keep that and only change where the body ends:\n\n${CODE}`,
      calls: [
        ["edit", {}],
        ["shell", { command: "pytest -q tests/test_parser.py" }],
      ],
    },
    { k: 38, cost: 0.11 },
  );
  script.edit("src/tidy/parser.py", 4, 3, DIFF).plan(1, ...STEPS);
  script.call("execute", "pytest", { tool: "shell", command: "pytest -q tests/test_parser.py", runs: true });
  script.put({
    type: "CallProgress",
    call_id: "c8",
    text: "collected 14 items\ntests/test_parser.py ........\n",
  });
  script.put({ type: "StageChanged", turn_id: "t1", stage: "running", detail: "pytest", step: 3 });
  script.waits("t2", "update the changelog").waits("t3", "keep the old name as an alias", true);
  return script.put({
    type: "TextDelta",
    turn_id: "t1",
    step: 3,
    text: "While that runs: the second caller, `read_mail`, passes lines from ",
  });
}

function permission(): Script {
  const script = new Script("permission").prompt("Check it with random input too.");
  script.reply({ calls: READ(2) }, { k: 40, cost: 0.2 });
  reads(script, 2, 0);
  script
    .reply({ calls: [["edit", {}]] }, { k: 42, cost: 0.03 })
    .edit("tests/test_parser.py", 26, 0)
    .plan(2, ...STEPS);
  script.reply(
    { text: "The property test needs `hypothesis`, which is not installed here.", calls: [["shell", {}]] },
    { k: 46, cost: 0.04 },
  );
  script.permission(
    {
      title: "Run this command?",
      subject: "uv pip install hypothesis && pytest -q tests/test_parser.py",
      facts: [
        { name: "installs", text: "hypothesis from the package index, into .venv" },
        { name: "runs", text: "pytest in the sandbox, no network" },
        { name: "in", text: "~/code/tidy" },
        { name: "why", text: "no rule allows uv pip install" },
      ],
      parts: [
        { text: "uv pip install hypothesis", paths: [], danger: "installs" },
        { text: "pytest -q tests/test_parser.py", paths: [], danger: null },
      ],
    },
    {
      note: "Bash(uv pip install hypothesis)\nBash(pytest -q tests/test_parser.py)",
      also: "the same in another folder of the workspace, and as a part of a longer command",
      allows: "uv pip install hypothesis\npytest -q tests/test_parser.py",
      kept: "for this workspace, in your own list of grants and not in its files",
    },
  );
  return script.put({ type: "StageChanged", turn_id: "t1", stage: "waiting", detail: "", step: 3 });
}

function verified(): Script {
  const script = first("verified");
  script.reply({ think: "Look first.", calls: READ(4) }, { k: 20, cost: 0.1 });
  reads(script, 4, 0).plan(4, ...STEPS);
  script.reply(
    {
      calls: [
        ["edit", {}],
        ["edit", {}],
        ["edit", {}],
      ],
    },
    { k: 40, cost: 0.12 },
  );
  script
    .edit("src/tidy/parser.py", 4, 3, DIFF)
    .edit("tests/test_parser.py", 26, 0, "", true)
    .edit("CHANGELOG.md", 1, 0);
  script.reply(
    { text: "The last field survives with and without a newline. `read_mail` and `load` behave as before." },
    { k: 52, cost: 0.12, cached: 44 },
  );
  const checks = [
    { call_id: "k1", name: "pytest", command: "pytest -q", source: "pyproject.toml", timeout: 600 },
    { call_id: "k2", name: "ruff", command: "ruff check", source: "pyproject.toml", timeout: 600 },
  ];
  script.put({ type: "ChecksStarted", turn_id: "t1", round: 1, checks, held: "no-edits" });
  for (const [check, summary] of [
    ["pytest", "49 passed"],
    ["ruff", "clean"],
  ] as const) {
    const call_id = check === "pytest" ? "k1" : "k2";
    script.put({
      type: "CallStarted",
      turn_id: "t1",
      call_id,
      tool: "shell",
      kind: "execute",
      title: check,
      edits: [],
      command: check,
      effect_class: "shell",
    });
    script.end(call_id, { seconds: check === "pytest" ? 2.1 : 0.8 });
    script.put({
      type: "EvidenceRecorded",
      turn_id: "t1",
      call_id,
      check,
      command: check === "pytest" ? "pytest -q" : "ruff check",
      by: "postil",
      outcome: "passed",
      summary,
      output: "",
    });
  }
  script.put({
    type: "EvidenceRecorded",
    turn_id: "t1",
    call_id: null,
    check: "editor",
    command: "",
    by: "editor",
    outcome: "passed",
    summary: "no errors in 3 edited files",
    output: "",
  });
  script.put({
    type: "VerificationEnded",
    turn_id: "t1",
    verified: true,
    reason: null,
    words: "verified: pytest (49 passed), ruff (clean)",
    evidence: [],
  });
  return script.ended();
}

function halted(): [Script, Script[]] {
  const script = new Script("halted").prompt(
    "Move all header parsing into one module and update the callers.",
  );
  const handed = script.delegates(
    ["Find every caller of parse_header", "Check what the plugins import"],
    "child",
  );
  handed.forEach(({ call_id, session_id }, place) => {
    script.put({
      type: "SubagentFinished",
      turn_id: "t1",
      call_id,
      session_id,
      reason: "end_turn",
      message: "",
      steps: 3,
      calls: place === 0 ? 14 : 9,
      usage: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
      cost: place === 0 ? 0.11 : 0.07,
      spent: { tokens: 0, nano: 0 },
      seconds: 9,
    });
    script.end(call_id, {
      content: place === 0 ? "Eleven callers." : "Two plugins import it by the old path",
    });
  });
  script.reply(
    {
      calls: [
        ["write", {}],
        ["edit", {}],
      ],
    },
    { k: 148, cost: 1.1, cached: 131 },
  );
  script.edit("src/tidy/headers.py", 118, 0, "", true).edit("src/tidy/parser.py", 6, 97);
  script.put({
    type: "VerificationEnded",
    turn_id: "t1",
    verified: false,
    reason: "stale",
    words: "not verified: 2 edits are newer than the last check",
    evidence: [],
  });
  script.question({
    kind: "halt",
    title: "Halted before the next call, at $1.88 of this session’s $2.00",
    subject:
      "It needs about $0.31. $0.12 of this session’s $2.00 is left. Nothing is lost; the turn goes on from here.",
    options: script.choices(
      ["Raise the limit and continue", "the session’s to $4.00"],
      ["Compact first", "frees about 90k tokens; the summary itself fits the limit"],
      ["End turn"],
    ),
  });
  const child = new Script("child1").prompt("Check what the plugins import");
  child.updates[0]!.event = { ...child.updates[0]!.event, parent: { session_id: "halted" } } as never;
  child.reply({ calls: READ(6) }, { k: 8, cost: 0.07 });
  reads(child, 6, 3);
  return [script, [child]];
}

function crashed(): Script {
  const script = new Script("crashed", "10:41").prompt(
    "Upgrade the build to esbuild 0.28 and fix what breaks.",
  );
  script.reply({ calls: READ(5) }, { k: 50, cost: 0.4 });
  reads(script, 5, 1);
  script
    .reply(
      {
        calls: [
          ["edit", {}],
          ["edit", {}],
          ["shell", {}],
        ],
      },
      { k: 62, cost: 0.08 },
    )
    .edit("build.mjs", 9, 6);
  const edit = script.begin("edit", "Edit package.json");
  const shell = script.begin("execute", "npm run build", "npm run build", "shell");
  script.wait(60).put({
    type: "SessionResumed",
    face: "lsp",
    postil: "0.1.0",
    clean: false,
    reason: "It was killed at 10:41",
  });
  script.put({
    type: "FileChanged",
    turn_id: "t1",
    call_id: edit,
    rewind_id: null,
    change_id: "ce",
    label: "edit package.json",
    path: "/home/ada/code/tidy/package.json",
    before: "a",
    after: "b",
    added: 1,
    removed: 1,
    where: "buffer",
    diff: "",
    form: null,
    renamed_from: null,
    mode: null,
  });
  script
    .end(edit)
    .end(shell, { outcome: "unknown", content: "> tidy@1.4.0 build\n> node build.mjs\n(no more output)" });
  return script.question({
    kind: "unknown",
    title: "Was the build finished?",
    subject: "It may have written to dist/. Postil will not guess.",
    options: script.choices(["Look at dist/ first"], ["Run it again"], ["Treat as failed"]),
  });
}

function offline(): Script {
  const script = new Script("offline").prompt("Upgrade the build to esbuild 0.28 and fix what breaks.");
  script
    .reply(
      { text: "The two plugins that load by `require` have to change.", calls: [["edit", {}]] },
      { k: 62, cost: 0.48 },
    )
    .edit("build.mjs", 9, 6);
  script.called(63);
  return script.put({
    type: "ModelRetrying",
    turn_id: "t1",
    step: 2,
    attempt: 3,
    of: 6,
    seconds: 12,
    message: "The service cannot be reached: no route to host.",
    kind: "connection",
    why: "Offline",
  });
}

function failed(): Script {
  const script = first("failed");
  script
    .reply(
      {
        calls: [
          ["edit", {}],
          ["shell", {}],
          ["shell", {}],
        ],
      },
      { k: 30, cost: 0.14 },
    )
    .edit("src/tidy/parser.py", 2, 2, DIFF);
  script.call("execute", "make lint", {
    tool: "shell",
    command: "make lint",
    content: "src/tidy/parser.py:42:5 E741 ambiguous name\nmake: *** [lint] Error 1",
    details: { exit_code: 2 },
    seconds: 1.3,
  });
  script.permission({
    title: "Run this command?",
    subject: "rm -rf build",
    facts: [
      { name: "deletes", text: "build/, 212 files" },
      { name: "no lasting rule", text: "rm deletes" },
    ],
  });
  script
    .put({
      type: "PermissionDecided",
      turn_id: "t1",
      call_id: "c3",
      decision: "deny",
      by: "person",
      rule: "",
      why: "",
      question_id: "q1",
      option_id: "reject_once",
      face: "lsp",
      subject: "rm -rf build",
      source: "",
    })
    .end("c3", { outcome: "denied", content: "The user denied this." });
  script.put({
    type: "ChecksStarted",
    turn_id: "t1",
    round: 1,
    held: "no-edits",
    checks: [{ call_id: "k1", name: "pytest", command: "pytest -q", source: "", timeout: 60 }],
  });
  script.put({
    type: "EvidenceRecorded",
    turn_id: "t1",
    call_id: "k1",
    check: "pytest",
    command: "pytest -q",
    by: "postil",
    outcome: "failed",
    summary: "1 failed, 48 passed",
    output: "FAILED tests/test_parser.py::test_last_field - AssertionError: assert ['a'] == ['a', 'b']",
  });
  script.put({
    type: "VerificationEnded",
    turn_id: "t1",
    verified: false,
    reason: "failed",
    words: "not verified: pytest failed (1 failed, 48 passed)",
    evidence: [],
  });
  return script.ended("failed", "Gave up after 6 tries: no route to api.example.com.");
}

const HOSTILE = [
  '<script>window.pwned=1</script><img src=x onerror="window.pwned=2"> **bold** <b onclick=alert(1)>raw</b>',
  "[run](command:workbench.action.quit) [js](javascript:window.pwned=3) [ok](https://example.com/a) [file](src/tidy/parser.py#L42) [data](data:text/html,x)",
  "![tracker](https://example.com/pixel.png) [https://bank.example](https://evil.example/login)",
  "A bidi \u202etrick\u202c, an \u001b[31mANSI\u001b[0m colour, a zero\u200bwidth.",
  "## You\n\nNot a turn of yours.",
  "| a | b |\n|---|---|\n| 1 | `x` |",
  "1. one\n2. two\n   - nested\n\n> quoted",
  "```js\n" + "x".repeat(1_000_000) + "\n```",
].join("\n\n");

export function states(): State[] {
  const [halts, children] = halted();
  const [waits, below] = waitsBelow();
  const long = new Script("long");
  for (let turn = 0; turn < 30; turn++) {
    long
      .prompt(`Prompt ${turn + 1}: mend the parser again`)
      .reply(
        { text: `Reply ${turn + 1}.`, calls: [...READ(2), ["shell", {}], ["edit", {}]] },
        { k: 30, cost: 0.01 },
      );
    reads(long, 2, 0)
      .call("execute", "make", { tool: "shell", command: "make test", content: "ok" })
      .edit(`src/f${turn}.py`, turn + 1, turn)
      .ended();
    if (turn === 20)
      long
        .put({
          type: "CompactionStarted",
          compaction_id: "x",
          turn_id: null,
          cause: "person",
          upto: 10,
          tokens: 148_000,
          face: "lsp",
        })
        .put({
          type: "Compacted",
          compaction_id: "x",
          turn_id: null,
          step: 0,
          upto: 10,
          before: 148_000,
          after: 41_000,
          usage: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
          cost: 0.01,
        });
  }
  return [
    { name: "first", title: "First run, no key", status: { key: "missing" } },
    {
      name: "streaming",
      title: "Streaming",
      script: streaming(),
    },
    {
      name: "steering",
      title: "Written while it works",
      script: streaming(),
      kept: { draft: "Keep the old name as an alias, and say so in the changelog." },
    },
    { name: "permission", title: "Waiting for permission", script: permission() },
    {
      name: "verified",
      title: "Edited and verified",
      script: verified(),
      opens: ["Plan", "parser.py", "Verified"],
      focus: true,
    },
    {
      name: "halted",
      title: "Sub-agents, then halted by budget",
      script: halts,
      children,
      opens: ["plugins"],
      meter: true,
    },
    { name: "crashed", title: "Resumed after a crash", script: crashed() },
    { name: "offline", title: "Offline", script: offline() },
    { name: "failed", title: "Failed, denied, given up", script: failed() },
    {
      name: "python",
      title: "Python too old",
      status: {
        key: "unknown",
        server: "failed",
        message: OLD,
        python: { state: "old", version: "3.9", path: "/usr/bin/python3", why: OLD },
      },
    },
    {
      name: "consent",
      title: "To be installed",
      status: {
        key: "unknown",
        server: "starting",
        message: "Postil’s server waits for your consent to be installed.",
        install: { state: "waits", version: "3.12", path: "/usr/bin/python3" },
      },
    },
    {
      name: "loop",
      title: "A server that ends again and again",
      status: {
        server: "failed",
        message: gaveUp(6, "ModuleNotFoundError: No module named 'anthropic'"),
        key: "unknown",
      },
    },
    {
      name: "restricted",
      title: "Restricted, suspended",
      status: { trust: "restricted" },
      script: offline(),
      suspended: true,
    },
    {
      name: "elsewhere",
      title: "Open in another window",
      status: { owner: { since: "10:12", gone: false } },
      script: verified(),
      readOnly: true,
    },
    {
      name: "hostile",
      title: "Hostile output",
      script: new Script("hostile")
        .prompt("Say something nasty.")
        .reply({ text: HOSTILE }, { k: 30, cost: 0.1 })
        .ended(),
    },
    { name: "long", title: "Long, compacted", script: long, scrollTo: 0.4 },
    { name: "find", title: "Find in the conversation", script: verified(), find: "parser" },
    { name: "below", title: "A sub-agent waits", script: waits, children: below },
    {
      name: "askedElsewhere",
      title: "Asked in another window",
      status: { owner: { since: "10:12", gone: false } },
      script: permission(),
      readOnly: true,
    },
  ];
}
