/** The list in which a question is answered: nothing is chosen in it, all is to be read, and it goes with its question. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { does, editor, LEFT, picks, settled, shown } from "./editor";
import { answerQuestion } from "../../src/host/questions";
import { wrapped } from "../../src/host/wrapping";
import type { Question } from "../../src/protocol_gen";
import { emptySession } from "../../src/session/model";
import { fold } from "../../src/session/store";
import { askedOf } from "../../src/session/asking";
import { Script } from "../../webview/gallery/script";

const opened: [name: string, text: string, keepsFocus: boolean][] = [];
beforeEach(() => {
  shown.length = does.length = picks.length = opened.length = 0;
});
Object.assign(editor.window, {
  showTextDocument: ([name, text]: [string, string], options: { preserveFocus: boolean }) => {
    opened.push([name, text, options.preserveFocus]);
    return Promise.resolve();
  },
});

/** A window in which one question is open. */
class Desk {
  private readonly changed = new editor.EventEmitter<void>();
  readonly answers: object[] = [];
  private done: Promise<void> = Promise.resolve();
  readonly conversation;

  constructor(script: Script) {
    const session = fold(script.updates, emptySession(script.id));
    this.conversation = { asked: askedOf(session, new Map()), onChange: this.changed.event };
  }

  answerIt(kinds?: Parameters<typeof answerQuestion>[1]): this {
    const server = {
      ask: (_: string, params: object) => {
        this.answers.push(params);
        return Promise.resolve({});
      },
    };
    const contents = { ofText: (name: string, text: string) => [name, text] };
    this.done = answerQuestion({ conversation: this.conversation, server, contents } as never, kinds);
    return this;
  }

  /** It is answered on its card, by a code action, or in another window. */
  answeredElsewhere(): void {
    this.conversation.asked = [];
    this.changed.fire();
  }

  async ended(): Promise<object[]> {
    await this.done;
    return this.answers;
  }
}

const begun = (): Script =>
  new Script("s").prompt("Clean up.").reply({ calls: [["shell", {}]] }, { k: 1, cost: 0 });
const permission = (question: Partial<Question>): Desk =>
  new Desk(begun().permission({ title: "Run this command?", facts: [], ...question }));
const ONE_LINE = {
  subject: "make clean",
  facts: [{ name: "runs", text: "in the sandbox" }],
} satisfies Partial<Question>;
const ALLOWING = ["Allow once", "Allow for this session"];

test("no answer is chosen before a person chooses one: Enter alone does nothing, nor after what is typed", async () => {
  const desk = permission(ONE_LINE).answerIt();
  await settled();
  const [pick] = picks;
  assert.ok(pick?.shown);
  assert.deepEqual(pick.labels.slice(0, 5), ["What it is about", "make clean", "", "Answers", "Allow once"]);
  pick.enter();
  pick.type("Allow");
  pick.enter();
  pick.enter("make clean");
  pick.enter();
  await settled();
  assert.deepEqual(desk.answers, []);
  assert.ok(pick.shown);
  pick.enter("Allow once");
  assert.deepEqual(await desk.ended(), [{ sessionId: "s", questionId: "q1", optionId: "allow_once" }]);
  assert.ok(!pick.shown);
});

test("a list goes away when its question is answered elsewhere, and nothing is answered by it", async () => {
  const desk = permission(ONE_LINE).answerIt();
  await settled();
  assert.ok(picks[0]?.shown);
  desk.answeredElsewhere();
  assert.ok(!picks[0].shown);
  assert.deepEqual(await desk.ended(), []);
});

test("the words of a denial are asked for no longer than its question is open", async () => {
  const desk = permission(ONE_LINE).answerIt();
  await settled();
  does.push(LEFT);
  picks[0]?.enter("Deny and say why…");
  await settled();
  assert.deepEqual(
    shown.map((it) => it.what),
    ["input"],
  );
  desk.answeredElsewhere();
  assert.deepEqual(await desk.ended(), []);
});

test("what does not fit is opened before it can be allowed; it can be denied unread", async () => {
  const long = Array.from({ length: 30 }, (_, at) => `echo ${at}`).join("\n");
  const diff = "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n";
  for (const [question, name, text] of [
    [{ subject: long }, "/Run this command.txt", long],
    [{ subject: "app.py", diff }, "/Run this command.diff", diff],
    [{ subject: long, diff }, "/Run this command.txt", `${long}\n\n${diff}`],
  ] as const) {
    picks.length = opened.length = 0;
    const desk = permission(question).answerIt();
    await settled();
    const [pick] = picks;
    assert.ok(pick);
    assert.equal(pick.labels[1], "Show all");
    assert.ok(!pick.labels.some((it) => ALLOWING.includes(it)));
    assert.ok(pick.labels.includes("Deny"));
    pick.enter("Show all");
    await settled();
    assert.deepEqual(opened, [[name, text, true]]);
    assert.ok(pick.shown, "it stays where the answers are");
    assert.ok(ALLOWING.every((it) => pick.labels.includes(it)));
    pick.enter();
    assert.deepEqual(desk.answers, []);
    assert.equal(opened.length, 1);
    pick.enter("Allow once");
    assert.equal((await desk.ended()).length, 1);
  }
});

test("a command is in view to its last character, in as many rows as it takes", async () => {
  const subject = `find . ${"-name x -o ".repeat(12)}-delete; rm -rf build`;
  permission({ subject }).answerIt();
  await settled();
  const rows = picks[0]?.labels ?? [];
  const said = rows.slice(1, rows.indexOf("Answers"));
  assert.ok(said.length > 2);
  assert.ok(said.every((it) => it.length <= 60));
  assert.equal(said.map((it) => it.replace(/^↪ /, "")).join(""), subject);
  assert.ok(rows.includes("Allow once"));
  assert.deepEqual(wrapped("WWWW"), ["WWWW"]);
  assert.ok(wrapped("字".repeat(30)).length > 1, "wide characters take more room");
  assert.deepEqual(wrapped("a\r\nb\u2028c"), ["a", "b", "c"]);
});

test("what an answer allows from now on is in view to its last character", async () => {
  const script = begun();
  const rules = ["Bash(npm run build *)", `Bash(make ${"one two ".repeat(12)}*)`];
  const [once, always] = script.choices(["Allow once"], ["Always allow"]);
  assert.ok(once && always);
  const long = { ...always, kind: "allow_always" as const, allows: rules.join("\n"), also: "reading logs" };
  const desk = new Desk(script.permission({ title: "Run?", ...ONE_LINE, options: [once, long] })).answerIt();
  await settled();
  const [pick] = picks;
  assert.ok(pick);
  const items = pick.items as { label: string; detail?: string; description?: string }[];
  const at = items.findIndex((it) => it.label === "Always allow");
  const said = [items[at]?.detail, ...items.slice(at + 1).map((it) => it.description)];
  assert.ok(items.slice(at + 1).every((it) => it.label === ""));
  assert.ok(said.every((it) => it !== undefined && it.length <= 60));
  assert.equal(said.join("\n").replaceAll("\n↪ ", ""), [...rules, "also allows reading logs"].join("\n"));
  pick.activeItems = items.slice(-1);
  pick.enter();
  assert.deepEqual(desk.answers, [], "what goes on is no answer");
  desk.answeredElsewhere();
  assert.deepEqual(await desk.ended(), []);
});

test("a question that takes words is answered in words", async () => {
  const asks = {
    kind: "ask_user",
    title: "The agent asks",
    subject: "Which port?",
    free_text: true,
  } as const;
  does.push(" 8080 ", " ", LEFT);
  const ids = { sessionId: "s", questionId: "q1" };
  const open = (): Desk => new Desk(begun().question(asks)).answerIt();
  assert.deepEqual(await open().ended(), [{ ...ids, text: "8080" }]);
  assert.deepEqual(await open().ended(), [], "nothing is no answer");
  const left = open();
  await settled();
  left.answeredElsewhere();
  assert.deepEqual(await left.ended(), []);
  assert.equal(picks.length, 0);
});

test("words are one of the answers where there are others", async () => {
  const script = begun();
  const options = script.choices(["80"], ["443"]);
  script.question({
    kind: "ask_user",
    title: "The agent asks",
    subject: "Which port?",
    free_text: true,
    options,
  });
  const desk = new Desk(script).answerIt();
  await settled();
  assert.deepEqual(picks[0]?.labels.slice(-3), ["80", "443", "Answer in words…"]);
  does.push("8080");
  picks[0].enter("Answer in words…");
  assert.deepEqual(await desk.ended(), [{ sessionId: "s", questionId: "q1", text: "8080" }]);
});

const several = (first: Partial<Question>, ...more: string[]): Desk => {
  const calls = more.map((): [string, Record<string, unknown>] => ["shell", {}]);
  const script = new Script("s").prompt("Clean up.").reply({ calls }, { k: 1, cost: 0 });
  script.question({ title: "Which one?", kind: "ask_user", free_text: true, ...first });
  for (const subject of more) script.permission({ title: "Run this command?", subject, facts: [] });
  return new Desk(script);
};
const ALLOW_ONCE = ["allow_once"] as const;

test("an answer is for the question that has it, not for the oldest one", async () => {
  const desk = several({}, "make clean").answerIt(ALLOW_ONCE);
  await settled();
  picks[0]?.enter("Allow once");
  assert.deepEqual(await desk.ended(), [{ sessionId: "s", questionId: "q2", optionId: "allow_once" }]);
  assert.deepEqual(shown, []);
});

test("of several questions that have the answer a person chooses one, and where none has it that is said", async () => {
  const desk = several({}, "make clean", "make all");
  does.push("Run this command?");
  desk.answerIt(ALLOW_ONCE);
  await settled();
  assert.deepEqual(shown, [
    { what: "pick", text: "Which question?", labels: ["Run this command?", "Run this command?"] },
  ]);
  picks[0]?.enter("Allow once");
  assert.deepEqual(await desk.ended(), [{ sessionId: "s", questionId: "q2", optionId: "allow_once" }]);
  shown.length = 0;
  assert.deepEqual(await several({}).answerIt(ALLOW_ONCE).ended(), []);
  assert.match(shown[0]?.text ?? "", /^No open question has that answer\./);
});

test("who goes to no question of several answers none", async () => {
  assert.deepEqual(await several({}, "make clean").answerIt().ended(), []);
  assert.deepEqual([shown[0]?.text, picks], ["Which question?", []]);
});
