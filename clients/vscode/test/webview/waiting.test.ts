/** Messages while the agent works: sent to the server at once, shown as it has them, and taken back there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../src/session/store";
import { turns } from "../../src/session/model";
import { rowsOf } from "../../src/session/rows";
import { readFromView, type Settings, type Status } from "../../src/chat/messages";
import { Chat } from "../../webview/chat";
import { Script } from "../../webview/gallery/script";

// Nothing is painted here.
globalThis.requestAnimationFrame = () => 0;

interface Asked {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

/** A chat whose host keeps what it is told, and answers when the test does. */
class Desk {
  readonly asked: Asked[] = [];
  state: unknown = undefined;
  readonly chat: Chat;

  constructor(whileBusy: Settings["whileBusy"] = "queue", state?: unknown) {
    this.state = state;
    this.chat = new Chat({
      postMessage: (message) => {
        const read = readFromView(message);
        assert.ok(read.ok, read.ok ? "" : read.why);
        if (read.message.type === "request") this.asked.push(read.message);
      },
      getState: () => this.state,
      setState: (kept) => {
        this.state = JSON.parse(JSON.stringify(kept));
      },
    });
    this.chat.status = { server: "ready", key: "set" } as Status;
    this.chat.settings = { whileBusy } as Settings;
  }

  show(script: Script): this {
    this.chat.host.receive({
      type: "sessionOpened",
      sessionId: "s",
      seq: script.updates.length,
      events: script.updates,
      suspended: false,
      readOnly: false,
      note: "",
    });
    return this;
  }

  async answer(result: unknown, error?: string): Promise<void> {
    const { id } = this.asked.at(-1)!;
    this.chat.host.receive({ type: "response", id, ...(error === undefined ? { result } : { error }) });
    await new Promise((done) => setImmediate(done));
  }
}

test("what is written while the agent works goes to the server, which lets it wait or join", async () => {
  for (const [whileBusy, how, steer] of [
    ["queue", "send", false],
    ["queue", "other", true],
    ["steer", "send", true],
    ["steer", "other", false],
  ] as const) {
    const desk = new Desk(whileBusy).show(new Script("s").prompt("Go."));
    desk.chat.keep({ draft: "And then." });
    const sent = desk.chat.submit(how);
    assert.deepEqual(desk.asked.at(-1)?.params, { text: "And then.", sessionId: "s", context: [], steer });
    await desk.answer({ sessionId: "s", turnId: "t2", queued: true });
    await sent;
    assert.equal(desk.chat.kept.draft, "");
  }
});

test("nothing steers where nothing is at work", () => {
  const desk = new Desk("steer").show(new Script("s").prompt("Go.").ended());
  desk.chat.keep({ draft: "Next." });
  void desk.chat.submit("other");
  assert.equal(desk.asked.at(-1)?.params["steer"], false);
});

test("what the server does not take is in the box again, before what was written since", async () => {
  const desk = new Desk().show(new Script("s").prompt("Go."));
  desk.chat.keep({ draft: "One too many." });
  const sent = desk.chat.submit("send");
  desk.chat.keep({ draft: "Since then." });
  await desk.answer(undefined, "20 prompts wait already.");
  await sent;
  assert.equal(desk.chat.kept.draft, "One too many.\nSince then.");
  assert.equal(desk.chat.fault, "20 prompts wait already.");
});

test("one that waits is edited once the server has taken it back", async () => {
  const desk = new Desk().show(new Script("s").prompt("Go.").waits("t2", "Next."));
  const [waiting] = desk.chat.session!.queue;
  const edited = desk.chat.editWaiting(waiting!);
  assert.deepEqual(desk.asked.at(-1)?.params, { sessionId: "s", promptId: "t2" });
  assert.equal(desk.chat.kept.draft, "", "not before");
  await desk.answer({});
  await edited;
  assert.equal(desk.chat.kept.draft, "Next.");
  const late = desk.chat.editWaiting(waiting!);
  await desk.answer(undefined, "That prompt does not wait any more.");
  await late;
  assert.equal(desk.chat.kept.draft, "Next.", "what was sent meanwhile is not written twice");
});

test("what is written is kept at once, and there again after a reload", () => {
  const desk = new Desk().show(new Script("s").prompt("Go.").ended());
  desk.chat.keep({ draft: "Half a th" });
  assert.equal(new Desk("queue", desk.state).chat.kept.draft, "Half a th");
  desk.chat.keep({ fromEnd: 40 });
  desk.chat.flush();
  assert.equal(new Desk("queue", desk.state).chat.kept.fromEnd, 40);
});

test("what steered stands where it joined, and waits no longer", () => {
  const script = new Script("s").prompt("Go.").waits("t2", "In tabs.", true).waits("t3", "Then push.");
  const [prompt] = fold(script.updates).queue.map((it) => it.prompt);
  script.reply({ text: "Yes." }, { k: 1, cost: 0 });
  script.put({ type: "PromptSteered", turn_id: "t1", step: 2, prompt: prompt! });
  script.put({ type: "PromptTakenBack", prompt_id: "t3", why: "A hook said no.", face: "" });
  const session = fold(script.updates);
  assert.deepEqual(session.queue, []);
  const [turn] = turns(session);
  assert.deepEqual(
    rowsOf(turn!, { foldReads: true }).map((it) => it.kind),
    ["prose", "said", "note"],
  );
});
