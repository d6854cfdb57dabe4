/** Writes a session's events in a few words, for the gallery. */
import type {
  AssistantMessage,
  DurableEvent,
  EphemeralEvent,
  Option,
  PromptReceived,
  Question,
  TodoItem,
} from "../../src/protocol_gen";
import type { Stamped } from "../../src/session/model";

type Loose<T> = T extends { type: infer Name } ? { type: Name } & Partial<Omit<T, "type">> : never;
export type AnyEvent = Loose<DurableEvent> | Loose<EphemeralEvent>;

const EPHEMERAL = new Set([
  "TextDelta",
  "ThinkingDelta",
  "CallProgress",
  "ModelRetrying",
  "StageChanged",
  "SessionHalted",
]);
const ALLOW: Option[] = [
  { id: "allow_once", title: "Allow once", kind: "allow_once", note: "", also: "", allows: "", kept: "" },
  {
    id: "allow_session",
    title: "Allow for this session",
    kind: "allow_session",
    note: "",
    also: "",
    allows: "",
    kept: "",
  },
];
const DENY: Option[] = [
  { id: "reject_once", title: "Deny", kind: "reject_once", note: "", also: "", allows: "", kept: "" },
  {
    id: "reject_with_reason",
    title: "Deny and say why…",
    kind: "reject_with_reason",
    note: "",
    also: "",
    allows: "",
    kept: "",
  },
];

export class Script {
  readonly updates: Stamped[] = [];
  private seq = 0;
  private step = 0;
  private turn = 0;
  private calls = 0;
  private questions = 0;
  private at: number;

  constructor(
    readonly id: string,
    clock = "10:40",
    parent: { session_id: string; turn_id: string; call_id: string } | null = null,
  ) {
    const [hours = 10, minutes = 40] = clock.split(":").map(Number);
    this.at = new Date(2026, 10, 22, hours, minutes).getTime() / 1_000;
    this.put({
      type: "SessionCreated",
      session_id: id,
      roots: ["/home/ada/code/tidy"],
      face: "lsp",
      parent: parent === null ? null : { depth: 1, read: [], scope: [], grants: [], ...parent },
    });
    this.put({
      type: "ConfigurationInForce",
      agent_type: "build",
      mode: "default",
      model: "sonnet",
      trusted: true,
      trust: "",
    });
  }

  put(event: AnyEvent): this {
    const passing = EPHEMERAL.has(event.type);
    if (!passing) this.seq += 1;
    const whole = { v: 1, ...event } as unknown as DurableEvent;
    this.updates.push({
      sessionId: this.id,
      seq: passing ? null : this.seq,
      after: this.seq,
      event: whole,
      at: this.at,
    });
    return this;
  }

  wait(seconds: number): this {
    this.at += seconds;
    return this;
  }

  get turnId(): string {
    return `t${this.turn}`;
  }

  /** A message waits for the end of the turn, or for its next step. */
  waits(id: string, text: string, steers = false): this {
    const prompt: PromptReceived = {
      type: "PromptReceived",
      v: 1,
      turn_id: id,
      text,
      context: [],
      anchor: null,
      face: "lsp",
      skill: null,
      checks: false,
    };
    return this.put({ type: "PromptQueued", prompt, steers });
  }

  prompt(text: string, context: { path: string; first_line: number; last_line: number }[] = []): this {
    this.turn += 1;
    this.step = 0;
    const whole = context.map((it) => ({
      kind: "selection" as const,
      text: "",
      name: "",
      note: "",
      sources: [],
      ...it,
    }));
    this.put({
      type: "PromptReceived",
      turn_id: this.turnId,
      text,
      context: whole,
      anchor: null,
      face: "lsp",
      skill: null,
      checks: false,
    });
    return this.put({
      type: "Routed",
      turn_id: this.turnId,
      agent_type: "build",
      model: "sonnet",
      pool: [],
      why: "",
    });
  }

  /** One reply: words, thoughts, calls. */
  reply(
    parts: { think?: string; text?: string; calls?: [string, Record<string, unknown>][] },
    used: { k: number; cost: number; cached?: number },
  ): this {
    this.step += 1;
    const content: AssistantMessage["content"] = [];
    if (parts.think !== undefined) content.push({ type: "thinking", text: parts.think, raw: {} });
    if (parts.text !== undefined) content.push({ type: "text", text: parts.text });
    const first = this.calls;
    (parts.calls ?? []).forEach(([name, input], place) =>
      content.push({ type: "tool_call", id: `c${first + place + 1}`, name, input, malformed: null }),
    );
    this.called(used.k);
    const cached = (used.cached ?? 0) * 1_000;
    return this.put({
      type: "ModelReplied",
      turn_id: this.turnId,
      step: this.step,
      message: { role: "assistant", content },
      usage: { input: used.k * 1_000 - cached, cache_read: cached, cache_write: 0, output: 0 },
      cost: used.cost,
      seconds: 1.2,
      stop_reason: "tool_use",
    });
  }

  called(k: number, session = 2, spent = 1.88, cost = 0.31): this {
    return this.put({
      type: "ModelCalled",
      turn_id: this.turnId,
      step: this.step,
      projection: {
        estimated: k * 1_000,
        input: k * 1_000,
        most_input: k * 1_000,
        exact: true,
        cached: 0,
        output: 4_000,
        likely: cost,
        cost,
        window: 200_000,
      },
      balances: [
        { scope: "session", spent: { tokens: 0, nano: spent * 1e9 }, most: { tokens: null, cost: session } },
        { scope: "day", spent: { tokens: 0, nano: 3.1e9 }, most: { tokens: null, cost: 10 } },
      ],
    });
  }

  /** The next call of the reply starts, and ends unless it is to go on. */
  call(
    kind: string,
    title: string,
    more: {
      tool?: string;
      command?: string;
      seconds?: number;
      content?: string;
      outcome?: string;
      details?: Record<string, unknown>;
      runs?: boolean;
    } = {},
  ): this {
    const call_id = this.begin(kind, title, more.command ?? null, more.tool);
    return more.runs === true ? this : this.end(call_id, more);
  }

  begin(kind: string, title: string, command: string | null = null, tool = kind): string {
    this.calls += 1;
    const call_id = `c${this.calls}`;
    this.put({
      type: "PermissionDecided",
      turn_id: this.turnId,
      call_id,
      decision: "allow",
      by: "rule",
      rule: `${tool}(**)`,
      why: "",
      question_id: null,
      option_id: null,
      face: "",
      subject: title,
      source: "Postil",
    });
    this.put({
      type: "CallStarted",
      turn_id: this.turnId,
      call_id,
      tool,
      kind: kind as "read",
      title,
      effect_class: "none",
      change_id: null,
      edits: [],
      command,
      cwd: null,
    });
    return call_id;
  }

  /** Hand tasks over to sub-agents, all in one step. */
  delegates(
    tasks: readonly string[],
    child: string,
  ): { title: string; call_id: string; session_id: string }[] {
    this.reply({ calls: tasks.map(() => ["delegate", {}]) }, { k: 60, cost: 0.6 });
    return tasks.map((title, place) => {
      const call_id = this.begin("other", `explore: ${title}`, null, "delegate");
      const session_id = `${child}${place}`;
      this.put({
        type: "SubagentStarted",
        turn_id: this.turnId,
        call_id,
        session_id,
        agent_type: "explore",
        title,
        depth: 1,
      });
      return { title, call_id, session_id };
    });
  }

  end(
    call_id: string,
    more: { seconds?: number; content?: string; outcome?: string; details?: Record<string, unknown> } = {},
  ): this {
    return this.put({
      type: "CallFinished",
      turn_id: this.turnId,
      call_id,
      outcome: (more.outcome ?? "completed") as "completed",
      content: more.content ?? "",
      seconds: more.seconds ?? 0.1,
      details: more.details ?? {},
      sources: [],
      seen: [],
    });
  }

  edit(path: string, added: number, removed: number, diff = "", created = false): this {
    const call_id = this.begin("edit", `Edit ${path}`);
    const whole = `/home/ada/code/tidy/${path}`;
    this.put({
      type: "FileChanged",
      turn_id: this.turnId,
      call_id,
      rewind_id: null,
      change_id: `ch${this.seq}`,
      label: `edit ${path}`,
      path: whole,
      before: created ? null : "a",
      after: "b",
      added,
      removed,
      where: "buffer",
      diff,
      form: null,
      renamed_from: null,
      mode: null,
    });
    return this.end(call_id);
  }

  plan(done: number, ...texts: string[]): this {
    const items: TodoItem[] = texts.map((text, place) => ({
      text,
      status: place < done ? "completed" : place === done ? "in_progress" : "pending",
      evidence: "",
    }));
    return this.put({ type: "TodoUpdated", turn_id: this.turnId, items });
  }

  permission(question: Partial<Question>, lasting?: Pick<Option, "note" | "also" | "allows" | "kept">): this {
    this.calls += 1;
    const always: Option[] =
      lasting === undefined
        ? []
        : [{ id: "allow_always", title: "Always allow…", kind: "allow_always", ...lasting }];
    return this.put({
      type: "PermissionAsked",
      turn_id: this.turnId,
      call_id: `c${this.calls}`,
      question: this.whole({ kind: "permission", options: [...ALLOW, ...always, ...DENY], ...question }),
    });
  }

  question(question: Partial<Question>): this {
    return this.put({
      type: "QuestionAsked",
      turn_id: this.turnId,
      call_id: null,
      question: this.whole(question),
      returned: null,
    });
  }

  choices(...options: [string, string?][]): Option[] {
    return options.map(([title, note = ""], place) => ({
      id: `o${place}`,
      title,
      kind: "choice",
      note,
      also: "",
      allows: "",
      kept: "",
    }));
  }

  ended(reason = "end_turn", message = ""): this {
    return this.put({
      type: "TurnEnded",
      turn_id: this.turnId,
      reason: reason as "end_turn",
      message,
      mend: "",
      steps: this.step,
      cost: 0,
      seconds: 30,
      usage: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
    });
  }

  private whole(question: Partial<Question>): Question {
    this.questions += 1;
    return {
      id: `q${this.questions}`,
      kind: "permission",
      short: "",
      title: "",
      subject: "",
      facts: [],
      parts: [],
      options: [],
      diff: "",
      anchor: null,
      free_text: false,
      about: [],
      ...question,
    };
  }
}
