// Generated from server/postil by `make gen`. Do not edit.

/** The version of Postil's own methods. */
export const PROTOCOL = 1;

/** The notification that carries a session's events. */
export const UPDATE = "postil/session/update";

/** Requests to a client that offers them in `experimental.postil`. */
export const CLIENT_SAVE = "postil/client/save";
export const CLIENT_DIAGNOSTICS = "postil/client/diagnostics";
export const CLIENT_SYMBOLS = "postil/client/symbols";

// Values that events are made of. Every field is written out, defaults too.

/** Where a text comes from. */
export interface Source {
  origin: "user" | "workspace" | "network" | "mcp" | "hook";
  /** The folder, the host, the server, or whose hook; empty for a person. */
  name: string;
}

/** What the session of a sub-agent has from the one that it works for, as that stood when it began. */
export interface Parent {
  session_id: string;
  turn_id: string;
  /** The call that it answers. */
  call_id: string;
  /** How many sessions stand above it. */
  depth: number;
  /** Whose words the session above had read: its task may repeat them. */
  read: Source[];
  /** The files that the person's prompt is about; a task is a model's words and adds none. */
  scope: string[];
  /** The grants that were handed down, by their ids: they hold as long as they do above. */
  grants: string[];
}

/** How much may be spent; None is without limit. */
export interface Allowance {
  tokens: number | null;
  /** US dollars. */
  cost: number | null;
}

/** The hard limits of a turn. */
export interface Limits {
  /** Model calls in one turn. */
  steps: number;
  /** Wall-clock seconds in one turn, waiting for a person not counted. */
  seconds: number;
  turn: Allowance;
  session: Allowance;
  /** Of all sessions of the user together. */
  day: Allowance;
  /** What the machine's file sets, such as `day.cost`: no answer raises it. */
  fixed: string[];
}

/** Something attached to a prompt: a selection, a file, a diagnostic, what it mentions with an @. */
export interface PromptContext {
  kind: "selection" | "file" | "diagnostic" | "symbol" | "diagnostics" | "diff" | "session" | "mention" | "command";
  /** Relative to the workspace where it lies inside, else absolute; empty for what is no file's. */
  path: string;
  text: string;
  /** Counts from 1; 0 means the whole file. */
  first_line: number;
  last_line: number;
  /** The symbol, the session, or the mention as it is written. */
  name: string;
  /** What is said of it in Postil's own words: that it is cut, or what was left out. */
  note: string;
  /** Where its text comes from, beside the workspace. */
  sources: Source[];
}

/** The place in a document that something concerns. Lines and characters count from 0, in UTF-16 units. */
export interface Anchor {
  uri: string;
  line: number;
  character: number;
  end_line: number;
  end_character: number;
}

/** A skill that a person has chosen by its name, as it stands before the model. */
export interface SkillGiven {
  name: string;
  owner: "user" | "built-in" | "workspace";
  path: string;
  text: string;
  /** What alone may be used while it is active; null where it leaves out nothing. */
  allowed: string[] | null;
  sources: Source[];
}

/** A tool as the model is shown it from here on, whatever becomes of where it came from. */
export interface FoundTool {
  name: string;
  description: string;
  input_schema: Record<string, unknown>;
}

/** What a call will use, before it is made. */
export interface Projection {
  /** Input tokens as they are estimated from the text alone; what the usage of replies is compared with. */
  estimated: number;
  /** Input tokens as they are expected: estimated and corrected, or counted by the service. */
  input: number;
  /** Input tokens that are set aside, as many as it can be: the service's count, or every byte that is sent a token. */
  most_input: number;
  /** Whether the service counted them. */
  exact: boolean;
  /** How many of them the service should have kept. */
  cached: number;
  /** The most output tokens that the call may have. */
  output: number;
  /** US dollars if the cache holds and all of the output is used; null where the price is not known. */
  likely: number | null;
  /** US dollars in the worst case, which is what is set aside. */
  cost: number | null;
  /** Tokens that the model can read and write in one call. */
  window: number;
}

/** What was used up: tokens read and written, cached or not, and billionths of a dollar where the price is known. */
export interface Spent {
  tokens: number;
  nano: number;
}

/** Where one limit stands. */
export interface Balance {
  /** `turn`, `session` or `day`, or the name of a sub-agent. */
  scope: string;
  spent: Spent;
  most: Allowance;
}

/** Words. */
export interface Text {
  type: "text";
  text: string;
}

/** The model's reasoning: `text` to show, `raw` to return to its provider unmodified. */
export interface Thinking {
  type: "thinking";
  text: string;
  raw: Record<string, unknown>;
}

/** The model's wish to use a tool. */
export interface ToolCall {
  type: "tool_call";
  id: string;
  name: string;
  input: Record<string, unknown>;
  /** What the model sent in place of a JSON object, shortened; `input` is then empty. */
  malformed: string | null;
}

/** One whole reply of the model. */
export interface AssistantMessage {
  role: "assistant";
  content: (Text | Thinking | ToolCall)[];
}

/** Tokens of one model call or of several added up; a field that the service left out is 0. */
export interface Usage {
  /** Input tokens neither read from nor written to the cache. */
  input: number;
  cache_read: number;
  cache_write: number;
  output: number;
}

/** One line under a question: a word such as `runs` or `why`, and what it says. */
export interface Fact {
  name: "changed" | "installs" | "deletes" | "overwrites" | "writes" | "sends" | "outside the sandbox" | "runs" | "in" | "from" | "to" | "pattern" | "file" | "changed by" | "saves" | "waits" | "unsaved" | "restores" | "takes out of" | "brings back" | "moves back" | "stays" | "files" | "cannot undo" | "mind" | "if trusted" | "until then" | "asked by" | "why" | "no lasting rule";
  text: string;
}

/** A path of a command, and where it leads. */
export interface NamedPath {
  written: string;
  /** Absolute, with every link followed; empty where that is known only when it runs. */
  leads_to: string;
}

/** One sub-command of a command line. */
export interface CommandPart {
  /** As it is written in the line. */
  text: string;
  paths: NamedPath[];
  /** The first of the facts about it that may do harm. */
  danger: "changed" | "installs" | "deletes" | "overwrites" | "writes" | "sends" | "outside the sandbox" | "runs" | "in" | "from" | "to" | "pattern" | "file" | "changed by" | "saves" | "waits" | "unsaved" | "restores" | "takes out of" | "brings back" | "moves back" | "stays" | "files" | "cannot undo" | "mind" | "if trusted" | "until then" | "asked by" | "why" | "no lasting rule" | null;
}

/** One numbered answer to a question; titles are constant strings. */
export interface Option {
  id: string;
  title: string;
  kind: "allow_once" | "allow_session" | "allow_always" | "reject_once" | "reject_with_reason" | "choice";
  /** The exact rules that the answer would set, one a line, or what else it would do; shown below. */
  note: string;
  /** What else the rules would allow, in one line. */
  also: string;
  /** What the rules allow in the words of whoever reads them: the commands, files or hosts, one a line. */
  allows: string;
  /** Where a lasting answer is kept, and for how long. */
  kept: string;
}

/** What waits for a person: title, facts, and answers of equal weight. There is no default answer. */
export interface Question {
  id: string;
  kind: "permission" | "ask_user" | "halt" | "unknown" | "conflict" | "save" | "trust" | "rewind" | "server";
  /** A constant string; model or command text never appears in it. */
  title: string;
  /** The command, path or host in full. */
  subject: string;
  /** The same in one line once it is answered: a file as it is named in the workspace. Empty where the subject is short. */
  short: string;
  /** In the order of `FactName`, whatever may do harm first. */
  facts: Fact[];
  /** Of a command line that was recognised, each of its commands. */
  parts: CommandPart[];
  options: Option[];
  diff: string;
  anchor: Anchor | null;
  /** Whether a written answer is welcome instead of an option. */
  free_text: boolean;
  /** What the session needs to do what is answered, in a form that its kind knows. */
  about: string[];
}

/** What a tool has returned, kept while a question about it is open: it would not be run again. */
export interface Returned {
  content: string;
  is_error: boolean;
  details: Record<string, unknown>;
}

/** What a file is beside its text: enough to make it again as it was. */
export interface FileForm {
  encoding: string;
  /** Whether it begins with a byte order mark. */
  mark: boolean;
  /** Its permission bits; null where it has those of any new file. */
  mode: number | null;
}

/** What an edit is about to do, by hashes; the session's checkpoint keeps both texts under them. */
export interface EditIntent {
  path: string;
  before: string | null;
  after: string | null;
  /** Of the file that it removes or makes. */
  form: FileForm | null;
  moved_from: string | null;
  /** Whether an editor makes it, in a document that is open there: without the editor nobody can see whether it did. */
  in_editor: boolean;
}

/** Lines of a file that a result shows. */
export interface SeenPart {
  path: string;
  /** `text_hash` of the whole text that they were part of. */
  hash: string;
  /** Counted from 1. */
  first: number;
  /** null where the text's last line is among them, or it has none. */
  last: number | null;
  /** Whether the result only says that they stand in an earlier one. */
  again: boolean;
}

/** One line of the plan. */
export interface TodoItem {
  text: string;
  status: "pending" | "in_progress" | "completed" | "cancelled";
  /** What stands behind it, where it is done and the edits of its turn were verified: `pytest (12 passed)`. */
  evidence: string;
}

/** A file that was not taken back, and why. */
export interface LeftAlone {
  path: string;
  why: string;
}

/** What later lines that are proven by nothing tell of the time after the cut; it need not be all. */
export interface Lost {
  /** Files that were changed, or were about to be. */
  paths: string[];
  /** What was run, or was about to be. */
  commands: string[];
}

/** An import that was not followed, or a whole file that is not in. */
export interface LeftOut {
  /** The path as it is written; empty for the file itself. */
  written: string;
  /** Where it is written, from 1. */
  line: number;
  why: string;
}

/** A file that hot memory was made from. */
export interface RememberedFile {
  path: string;
  /** Whether it is the user's own, and not one of the workspace. */
  own: boolean;
  /** The first line that there was no room for, from 1; 0 where all of it is in. */
  cut: number;
  /** What it imports and what is not in. */
  left_out: LeftOut[];
  /** Of its text as it was then, to tell a later one from; empty in records of earlier versions. */
  hash: string;
}

/** A result of which the model is shown what it was, and how to see it again. */
export interface FadedResult {
  /** Its place in the conversation, from 0. */
  message: number;
  call_id: string;
  /** What stands in its place. */
  text: string;
}

/** The most that sessions of a type may spend, where the settings do not say less; None adds nothing to them. */
export interface TypeLimits {
  /** Model calls in one turn. */
  steps: number | null;
  /** Seconds of work in one turn. */
  seconds: number | null;
  /** US dollars in one turn. */
  turn: number | null;
  /** US dollars in one session. */
  session: number | null;
  /** Tokens in one turn. */
  turn_tokens: number | null;
  /** Tokens in one session. */
  session_tokens: number | null;
}

/** An agent type that sub-agents can be of. */
export interface OfferedType {
  name: string;
  /** When it is the one to use. */
  when: string;
  source: "built_in" | "user" | "workspace";
}

/** What a hook says to the model about something: material, with its origin. */
export interface Remark {
  text: string;
  sources: Source[];
}

/** A skill as a session knows it. */
export interface SkillRow {
  name: string;
  description: string;
  owner: "user" | "built-in" | "workspace";
  /** Its SKILL.md, resolved. */
  path: string;
  /** Of one that came with the workspace, all its files as they were when the session began; another one is not loaded. */
  digest: string;
}

/** Something wrong at lines of a file, which stood there word for word when it was reported. */
export interface Finding {
  /** Given when it is recorded. */
  id: string;
  path: string;
  /** The first of its lines, counted from 1. */
  line: number;
  /** Its lines, as they stood there. */
  quote: string;
  severity: "error" | "warning" | "info";
  message: string;
  /** What would mend it, in the place of its lines; empty to delete them. */
  replacement: string | null;
}

/** A check that is to be run, as a call of its own. */
export interface WantedCheck {
  call_id: string;
  name: string;
  command: string;
  source: string;
  timeout: number;
}

// Durable events: lines of the journal, sent with their `seq`.

/** The journal's first line. */
export interface SessionCreated {
  v: number;
  type: "SessionCreated";
  session_id: string;
  roots: string[];
  face: string;
  /** The version of Postil that wrote it. */
  postil: string;
  journal_format: number;
  /** Of a sub-agent's session, the one that it works for. */
  parent: Parent | null;
}

/** What the session runs under, written at its start and whenever it changes. */
export interface ConfigurationInForce {
  v: number;
  type: "ConfigurationInForce";
  agent_type: string;
  /** The mode that the person has chosen. */
  mode: string;
  /** The mode that the agent type holds the session in beside that one: what either forbids is forbidden. */
  held: string;
  /** Of a sub-agent, the modes that hold above it: what any of them forbids is forbidden. */
  handed: string[];
  /** The mode that plan mode was chosen in, to which leaving it goes back; empty means `default`. */
  before: string;
  model: string;
  /** Whether a person has chosen the model for this session; else it is the settings' at any time. */
  model_chosen: boolean;
  /** The pool: calls of anything else are denied. */
  tools: string[];
  limits: Limits;
  /** Rules given for this session, such as by `--allow`, in the order they were given. */
  rules: string[];
  /** Whether the workspace is trusted, so that what it configures may run. */
  trusted: boolean;
  /** Why it is or is not, without a full stop. */
  trust: string;
  /** Why it is written: `session start`, `mode changed by person` and the like. */
  cause: string;
}

/** A person asked for something; the turn exists from here, and does not wait any more where it did. */
export interface PromptReceived {
  v: number;
  type: "PromptReceived";
  turn_id: string;
  text: string;
  context: PromptContext[];
  anchor: Anchor | null;
  face: string;
  /** The skill that it begins with, as `/name`: loaded when the turn starts. */
  skill: SkillGiven | null;
  /** Whether the turn only runs the checks of what the session has edited: the model is not asked, and is not told. */
  checks: boolean;
}

/** The turn starts: which agent type, model and pool of tools it was given, and why. */
export interface Routed {
  v: number;
  type: "Routed";
  turn_id: string;
  agent_type: string;
  model: string;
  pool: string[];
  why: string;
}

/** A search for tools, and what it found. */
export interface ToolsMatched {
  v: number;
  type: "ToolsMatched";
  turn_id: string;
  query: string;
  /** The names of what the model may call now, best first. */
  hits: string[];
  /** The call that searched. */
  call_id: string;
  /** The hits that are not in every request: they are in all that come, behind its beginning. */
  tools: FoundTool[];
}

/** The part of a request that the service caches is not that of the session's last request; or it is the first. */
export interface PrefixChanged {
  v: number;
  type: "PrefixChanged";
  turn_id: string;
  step: number;
  /** The sections that are others, in their order; nothing at the session's first request. */
  changed: string[];
  /** In words, without a full stop. */
  why: string;
  /** Of each section in force from here on, by its name. */
  digests: Record<string, string>;
  /** Of each tool of the section `tools`, by its name. */
  tools: Record<string, string>;
}

/** A call of the model, written and synced before it is made: from here its worst case counts as spent. */
export interface ModelCalled {
  v: number;
  type: "ModelCalled";
  turn_id: string;
  step: number;
  /** Counts the session's calls of the model from 1, tries that broke off included. */
  number: number;
  /** On which it counts, as in 2026-11-22, where it was made. */
  day: string;
  model: string;
  projection: Projection;
  /** Each limit before the call, the narrowest first. */
  balances: Balance[];
}

/** A call was left, or its connection broke, after the service had said how much it read. */
export interface ModelBrokeOff {
  v: number;
  type: "ModelBrokeOff";
  turn_id: string;
  step: number;
  /** Of its `ModelCalled`. */
  number: number;
  /** Tokens that were read, cached or not. */
  input: number;
  /** What it counts for from here. */
  most: Spent;
}

/** One whole reply of the model. Its calls are open from here. */
export interface ModelReplied {
  v: number;
  type: "ModelReplied";
  turn_id: string;
  /** Counts from 1 within the turn. */
  step: number;
  model: string;
  message: AssistantMessage;
  usage: Usage;
  stop_reason: "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "pause_turn" | "refusal" | "model_context_window_exceeded" | "other";
  /** US dollars; null where the price is not known. */
  cost: number | null;
  seconds: number;
  attempts: number;
  request_id: string | null;
}

/** A model call that gave up after its retries. */
export interface ModelFailed {
  v: number;
  type: "ModelFailed";
  turn_id: string;
  step: number;
  kind: string;
  message: string;
  mend: string;
  attempts: number;
  /** Whether the service had begun to answer: then what was set aside for the call stays counted as spent. */
  begun: boolean;
}

/** A call waits for a person. `fingerprint` says what exactly was asked about. */
export interface PermissionAsked {
  v: number;
  type: "PermissionAsked";
  turn_id: string;
  call_id: string;
  fingerprint: string;
  /** Of a command: what has to be the same when it starts, by what a person calls it, each with a hash of what it is. */
  marks: Record<string, string>;
  question: Question;
  /** Rules that speak of it and did not count, each with its verdict before and its source behind it. */
  lost: string[];
  /** The checks of the shell guard that fired. */
  checks: string[];
}

/** A call may or may not run, who decided, and why. */
export interface PermissionDecided {
  v: number;
  type: "PermissionDecided";
  turn_id: string;
  call_id: string;
  fingerprint: string;
  decision: "allow" | "deny";
  /** `nobody`: there was no one to ask. */
  by: "rule" | "person" | "nobody";
  /** The rules that decided, or that the answer set, one a line: the parts of a longer command may each have one. */
  rule: string;
  why: string;
  question_id: string | null;
  option_id: string | null;
  face: string;
  /** The call in one line. */
  subject: string;
  /** Where the rule came from. */
  source: string;
  /** Rules that speak of it and did not count, each with its verdict before and its source behind it. */
  lost: string[];
  /** The checks of the shell guard that fired, whether or not a rule overruled them. */
  checks: string[];
}

/** A person allowed more than this once. */
export interface GrantAdded {
  v: number;
  type: "GrantAdded";
  grant_id: string;
  rule: string;
  scope: "session" | "workspace";
  question_id: string | null;
}

/** A grant no longer holds. */
export interface GrantRevoked {
  v: number;
  type: "GrantRevoked";
  grant_id: string;
  face: string;
}

/** Something other than a permission waits for a person. */
export interface QuestionAsked {
  v: number;
  type: "QuestionAsked";
  turn_id: string | null;
  call_id: string | null;
  question: Question;
  /** What its call has come to already, where the question is about that. */
  returned: Returned | null;
}

/** The one answer to a question that is not a permission; `option_id` is None where it was withdrawn. */
export interface QuestionAnswered {
  v: number;
  type: "QuestionAnswered";
  question_id: string;
  option_id: string | null;
  text: string;
  by: "person" | "nobody" | "withdrawn";
  face: string;
}

/** The intent, written and synced before the effect. */
export interface CallStarted {
  v: number;
  type: "CallStarted";
  turn_id: string;
  call_id: string;
  tool: string;
  kind: "read" | "edit" | "delete" | "move" | "search" | "execute" | "think" | "fetch" | "switch_mode" | "other";
  title: string;
  effect_class: "none" | "file_edit" | "shell" | "network" | "agent" | "other";
  change_id: string | null;
  edits: EditIntent[];
  command: string | null;
  cwd: string | null;
}

/** A child runs on behalf of a call; `started` (seconds since boot) tells it from a later owner of its id. */
export interface ProcessStarted {
  v: number;
  type: "ProcessStarted";
  call_id: string;
  pid: number;
  started: number;
}

/** A file was really changed: by a call, or by taking changes back. */
export interface FileChanged {
  v: number;
  type: "FileChanged";
  turn_id: string | null;
  call_id: string | null;
  rewind_id: string | null;
  change_id: string;
  label: string;
  path: string;
  before: string | null;
  after: string | null;
  added: number;
  removed: number;
  where: "buffer" | "disk";
  diff: string;
  /** Of the file that was removed, or made anew in another form. */
  form: FileForm | null;
  renamed_from: string | null;
  /** The permission bits that it left; null where they stayed as they were. */
  mode: number | null;
  /** The session of the sub-agent that changed it for the call; its own record has the change, too. */
  subagent: string;
  /** Of a sub-agent, whether nobody saw if the change was made. */
  doubtful: boolean;
}

/** The one end of a call, whatever happened, with what the model reads of it. */
export interface CallFinished {
  v: number;
  type: "CallFinished";
  turn_id: string;
  call_id: string;
  tool: string;
  outcome: "completed" | "failed" | "denied" | "cancelled" | "unknown" | "not_run";
  content: string;
  /** Where the content comes from; nothing where it is Postil's own words. */
  sources: Source[];
  seconds: number;
  details: Record<string, unknown>;
  /** What the content shows of files. */
  seen: SeenPart[];
}

/** The whole plan after a change. */
export interface TodoUpdated {
  v: number;
  type: "TodoUpdated";
  turn_id: string;
  items: TodoItem[];
}

/** The one end of a turn. */
export interface TurnEnded {
  v: number;
  type: "TurnEnded";
  turn_id: string;
  reason: "end_turn" | "max_tokens" | "max_turn_requests" | "refusal" | "cancelled" | "budget_exhausted" | "failed" | "interrupted";
  /** One sentence for the person where the reason alone does not say enough. */
  message: string;
  mend: string;
  steps: number;
  usage: Usage;
  cost: number | null;
  seconds: number;
}

/** Changes are about to be taken back, written and synced before the first file is touched. */
export interface RewindStarted {
  v: number;
  type: "RewindStarted";
  rewind_id: string;
  /** Of the changes that it makes itself; they can be taken back as well. */
  change_id: string;
  label: string;
  /** The turn before which the session goes back; null where single changes are taken back. */
  turn_id: string | null;
  /** The changes that are taken back, by their ids. */
  undoes: string[];
  /** Whether the conversation goes back too. */
  conversation: boolean;
  edits: EditIntent[];
  face: string;
}

/** The one end of a rewind. `interrupted`: a crash came between; what had been done by then stays done. */
export interface Rewound {
  v: number;
  type: "Rewound";
  rewind_id: string;
  outcome: "completed" | "interrupted";
  /** The turn before which the conversation is now; null where it stayed as it was. */
  turn_id: string | null;
  /** What the model is told, where its conversation stayed. */
  note: string;
  left: LeftAlone[];
  /** The changes that are taken back whole, by their ids; null where nobody looked: it is all that it was about. */
  undone: string[] | null;
  /** Whether all that was to go back did; where not, the conversation stays, to go back again. */
  finished: boolean;
  /** Whether changes were missing from the record, of which nothing can go back. */
  incomplete: boolean;
}

/** A process opened the session again. */
export interface SessionResumed {
  v: number;
  type: "SessionResumed";
  face: string;
  postil: string;
  /** Whether the last process had closed the session. */
  clean: boolean;
  /** What is known of how the last process ended. */
  reason: string;
}

/** The process closed the session on purpose. */
export interface SessionClosed {
  v: number;
  type: "SessionClosed";
  reason: string;
}

/** An end that cannot be read was left out: a torn one on opening, or what came after damage on salvaging. */
export interface JournalRepaired {
  v: number;
  type: "JournalRepaired";
  dropped_bytes: number;
  /** The file that holds what was left out. */
  kept_in: string;
  /** What is known of events that had been promised and are left out; null where none had been. */
  lost: Lost | null;
}

/** Hot memory, written once at the start of a session: what the session sees of it stays the same to its end. */
export interface MemoryInForce {
  v: number;
  type: "MemoryInForce";
  /** As the model reads it in every request. */
  text: string;
  /** Of the text: sessions with the same hash have the same. */
  hash: string;
  files: RememberedFile[];
  /** The index of notes, a line each, to tell later ones from. */
  notes: string[];
}

/** Results that are shown by reference from here on: all at once, so that the service has to read anew seldom. */
export interface ResultsFaded {
  v: number;
  type: "ResultsFaded";
  turn_id: string;
  step: number;
  results: FadedResult[];
  /** About how many tokens less each request is. */
  tokens: number;
}

/** The conversation is being compacted; nothing has changed yet. */
export interface CompactionStarted {
  v: number;
  type: "CompactionStarted";
  compaction_id: string;
  /** The turn that waits for it; null between turns. */
  turn_id: string | null;
  cause: "person" | "window" | "limit" | "between turns";
  /** How many messages are to be summarised, from the first. */
  upto: number;
  /** About how many tokens the next request would have. */
  tokens: number;
  face: string;
}

/** From here on the model is shown this in place of the messages before `upto`, and what follows them as it was. */
export interface Compacted {
  v: number;
  type: "Compacted";
  compaction_id: string;
  turn_id: string | null;
  /** Of its call of the model. */
  step: number;
  upto: number;
  /** What stands verbatim, up to the summary. */
  kept: string;
  /** The model's words. */
  summary: string;
  /** What follows them: what is left out, and where it is. */
  rest: string;
  /** About how many tokens the next request would have had. */
  before: number;
  /** About how many it has now. */
  after: number;
  model: string;
  usage: Usage;
  /** US dollars; null where the price is not known. */
  cost: number | null;
  seconds: number;
}

/** The conversation is as it was before. */
export interface CompactionFailed {
  v: number;
  type: "CompactionFailed";
  compaction_id: string;
  turn_id: string | null;
  step: number;
  reason: "failed" | "no room" | "cancelled" | "interrupted";
  message: string;
  mend: string;
  /** Whether the service had begun to answer: then what was set aside stays counted as spent, but where it is known what was. */
  begun: boolean;
  /** What a reply used that came whole and was of no use; null where there was none. */
  usage: Usage | null;
  /** US dollars of it; null where the price is not known. */
  cost: number | null;
}

/** The session's agent type, written once at its start: what the file says later is for later sessions. */
export interface AgentTypeInForce {
  v: number;
  type: "AgentTypeInForce";
  name: string;
  title: string;
  source: "built_in" | "user" | "workspace";
  /** The file that it was read from; empty for one of Postil's own. */
  file: string;
  /** As the type names them; `*` is every tool that there is. */
  tools: string[];
  /** The mode that it holds its sessions in, or `as-chosen`. */
  mode: string;
  limits: TypeLimits;
  /** What the model reads of it in every request. */
  prompt: string;
  /** What its sub-agents can be of, as the model is told in every request; nothing where it has none. */
  offered: OfferedType[];
}

/** A hook begins, written and synced before: it is never run a second time for the same. */
export interface HookStarted {
  v: number;
  type: "HookStarted";
  hook_id: string;
  /** Of the hook, what it runs about and what it is given. */
  key: string;
  moment: "PreToolUse" | "PostToolUse" | "UserPromptSubmit" | "SessionStart" | "Stop" | "SubagentStart" | "SubagentStop" | "PreCompact";
  owner: "administrator" | "user" | "workspace";
  file: string;
  command: string;
  turn_id: string | null;
  call_id: string | null;
}

/** The one end of a hook, and what it wants. */
export interface HookEnded {
  v: number;
  type: "HookEnded";
  hook_id: string;
  key: string;
  moment: "PreToolUse" | "PostToolUse" | "UserPromptSubmit" | "SessionStart" | "Stop" | "SubagentStart" | "SubagentStop" | "PreCompact";
  owner: "administrator" | "user" | "workspace";
  turn_id: string | null;
  call_id: string | null;
  outcome: "nothing" | "said" | "changed" | "asks" | "blocks" | "failed" | "stopped" | "interrupted";
  /** For people and for the model: its reason, or how it failed. */
  why: string;
  /** What the model is told, with its origin. */
  remark: Remark | null;
  /** The whole input that the call has from here on. */
  input: Record<string, unknown> | null;
  /** Whether it wants the turn to end. */
  ends_turn: boolean;
  /** For the person alone. */
  message: string;
  /** null where it was ended, or could not be started. */
  exit_code: number | null;
  seconds: number;
}

/** What skills a session has from its start to its end, and how they stand in every request. */
export interface SkillsInForce {
  v: number;
  type: "SkillsInForce";
  text: string;
  hash: string;
  skills: SkillRow[];
}

/** A skill was loaded: its words are before the model, and what it leaves out of the tools is out until the turn ends. */
export interface SkillActivated {
  v: number;
  type: "SkillActivated";
  turn_id: string;
  call_id: string;
  name: string;
  owner: "user" | "built-in" | "workspace";
  path: string;
  /** Its instructions, as the model was shown them. */
  text: string;
  /** What alone may be used while it is active; null where it leaves out nothing. */
  allowed: string[] | null;
  sources: Source[];
}

/** The agent has found something. */
export interface FindingReported {
  v: number;
  type: "FindingReported";
  turn_id: string;
  call_id: string;
  finding: Finding;
}

/** What mends a finding is about to be put into its file, because a person chose *Apply*: written and synced before. */
export interface FindingApplying {
  v: number;
  type: "FindingApplying";
  finding_id: string;
  change_id: string;
  label: string;
  edit: EditIntent;
  face: string;
}

/** What became of a finding: `kept` is one whose mend was not put in, and it stays. */
export interface FindingSettled {
  v: number;
  type: "FindingSettled";
  finding_id: string;
  how: "applied" | "dismissed" | "kept";
  /** Why it was kept, one sentence. */
  why: string;
  face: string;
}

/** A command runs in the background; `started` (seconds since boot) tells its process from a later owner of its id. */
export interface JobStarted {
  v: number;
  type: "JobStarted";
  job_id: string;
  turn_id: string;
  call_id: string;
  command: string;
  cwd: string;
  pid: number;
  started: number;
  machine: string;
  /** Whether it is known to change nothing. */
  only_reads: boolean;
}

/** The one end of a job. It is never started again. */
export interface JobEnded {
  v: number;
  type: "JobEnded";
  job_id: string;
  how: "ended" | "timed_out" | "stopped" | "closed" | "unknown";
  /** null where it did not end by itself. */
  exit_code: number | null;
  seconds: number;
  /** What else is known, one sentence. */
  note: string;
}

/** Postil runs checks: calls that nobody's reply asks for. They are open from here. */
export interface ChecksStarted {
  v: number;
  type: "ChecksStarted";
  turn_id: string;
  /** Counts from 1 within the turn. */
  round: number;
  checks: WantedCheck[];
  /** The mode that they run under beside the session's. */
  held: string;
}

/** What a check told of the files as they were then. */
export interface EvidenceRecorded {
  v: number;
  type: "EvidenceRecorded";
  turn_id: string;
  /** The call that ran it; null of what the editor reports. */
  call_id: string | null;
  check: string;
  command: string;
  /** Who had it run. */
  by: "postil" | "model" | "editor";
  outcome: "passed" | "failed" | "changed" | "not_run";
  exit_code: number | null;
  /** What it said in a few words, such as `12 passed`. */
  summary: string;
  /** The end of what it printed, where it did not pass. */
  output: string;
  /** Files that were there before and that it changed. */
  changed: string[];
  /** The last edit that it covers, by the number of its event. */
  edit: number;
  /** The files that were edited, by the hash of the text that it saw; empty where there was no text. */
  versions: Record<string, string>;
}

/** The model is told what failed, and goes on. */
export interface ChecksFailed {
  v: number;
  type: "ChecksFailed";
  turn_id: string;
  round: number;
  /** Their names. */
  checks: string[];
  /** What the model reads. */
  text: string;
  /** Where the output in it comes from. */
  sources: Source[];
}

/** Whether the edits of a turn are verified, said before the turn ends, and again where it went on and edited. */
export interface VerificationEnded {
  v: number;
  type: "VerificationEnded";
  turn_id: string;
  verified: boolean;
  /** null where they are verified. */
  reason: "failed" | "no_check" | "not_covered" | "no_shell" | "not_run" | "stale" | "stopped" | "commands" | null;
  /** `verified: pytest (12 passed), ruff`, or `not verified: …` with the reason. */
  words: string;
  /** Each check in words, such as `pytest (12 passed)`. */
  evidence: string[];
}

/** A call has a sub-agent do a task; written and synced before its session is made. */
export interface SubagentStarted {
  v: number;
  type: "SubagentStarted";
  turn_id: string;
  call_id: string;
  /** The sub-agent's own. */
  session_id: string;
  agent_type: string;
  title: string;
  depth: number;
}

/** The one end of a sub-agent, whatever happened. What it spent counts for the turn and the session from here. */
export interface SubagentFinished {
  v: number;
  type: "SubagentFinished";
  turn_id: string;
  call_id: string;
  session_id: string;
  reason: "end_turn" | "max_tokens" | "max_turn_requests" | "refusal" | "cancelled" | "budget_exhausted" | "failed" | "interrupted" | "not_begun";
  /** One sentence where the reason alone does not say enough. */
  message: string;
  steps: number;
  calls: number;
  /** Of it and its own sub-agents, as what follows. */
  usage: Usage;
  cost: number | null;
  spent: Spent;
  seconds: number;
  /** What it ran, which nothing takes back. */
  commands: string[];
  /** Whether commands may have changed files: where nobody said, they may have. */
  commanded: boolean;
}

/** A person gave the session a title; it stands in the place of the first prompt's first line. */
export interface SessionRenamed {
  v: number;
  type: "SessionRenamed";
  title: string;
  face: string;
}

/** A prompt waits for the end of the turn in progress, or, where it steers, for that turn's next call of the model. */
export interface PromptQueued {
  v: number;
  type: "PromptQueued";
  /** As it was written; its `turn_id` is that of the turn that it will be. What it mentions is attached when it is sent. */
  prompt: PromptReceived;
  steers: boolean;
}

/** A prompt that waited does not any more, and was not sent. */
export interface PromptTakenBack {
  v: number;
  type: "PromptTakenBack";
  prompt_id: string;
  /** Why it is not sent where nobody took it back, one sentence. */
  why: string;
  face: string;
}

/** A prompt that waited is the next message of the turn in progress. */
export interface PromptSteered {
  v: number;
  type: "PromptSteered";
  /** Of the turn that it joins. */
  turn_id: string;
  /** The first that the model takes with it. */
  step: number;
  /** As the model reads it, with what it mentions. */
  prompt: PromptReceived;
}

/** A person has looked at changes and keeps them. They can still be taken back by going back to before their turn. */
export interface ChangesKept {
  v: number;
  type: "ChangesKept";
  change_ids: string[];
  /** The files of which they are kept; empty where they are kept in all that they changed. */
  paths: string[];
  face: string;
}

// Ephemeral events: sent with the `seq` that they came `after`.

/** A piece of the reply; a lagging client gets the running reply so far. */
export interface TextDelta {
  v: number;
  type: "TextDelta";
  turn_id: string;
  step: number;
  text: string;
}

/** A piece of the model's reasoning. */
export interface ThinkingDelta {
  v: number;
  type: "ThinkingDelta";
  turn_id: string;
  step: number;
  text: string;
}

/** A piece of a running call's output. */
export interface CallProgress {
  v: number;
  type: "CallProgress";
  call_id: string;
  text: string;
}

/** A model call failed and will be tried again, or at once where a person wants it. */
export interface ModelRetrying {
  v: number;
  type: "ModelRetrying";
  turn_id: string;
  step: number;
  /** The attempt that failed, from 1. */
  attempt: number;
  of: number;
  /** Until the next try. */
  seconds: number;
  message: string;
  /** What failed. */
  kind: "missing_key" | "authentication" | "permission" | "billing" | "invalid_request" | "context_overflow" | "not_found" | "rate_limit" | "overloaded" | "server" | "connection" | "timeout" | "truncated" | "malformed";
  /** The same in a few words, for lines with little room. */
  why: string;
}

/** What the agent is doing now. */
export interface StageChanged {
  v: number;
  type: "StageChanged";
  /** The turn's, or that of a compaction between turns. */
  turn_id: string;
  stage: "thinking" | "writing" | "running" | "waiting" | "saving" | "compacting";
  detail: string;
  step: number;
}

/** The record cannot be written: nothing more is done until there is room and the session is opened again. */
export interface SessionHalted {
  v: number;
  type: "SessionHalted";
  message: string;
  mend: string;
}

// The one vocabulary of events. A later version may send a `type` that is not listed here: ignore it.

/** What the journal holds. */
export type DurableEvent =
  | SessionCreated
  | ConfigurationInForce
  | PromptReceived
  | Routed
  | ToolsMatched
  | PrefixChanged
  | ModelCalled
  | ModelBrokeOff
  | ModelReplied
  | ModelFailed
  | PermissionAsked
  | PermissionDecided
  | GrantAdded
  | GrantRevoked
  | QuestionAsked
  | QuestionAnswered
  | CallStarted
  | ProcessStarted
  | FileChanged
  | CallFinished
  | TodoUpdated
  | TurnEnded
  | RewindStarted
  | Rewound
  | SessionResumed
  | SessionClosed
  | JournalRepaired
  | MemoryInForce
  | ResultsFaded
  | CompactionStarted
  | Compacted
  | CompactionFailed
  | AgentTypeInForce
  | HookStarted
  | HookEnded
  | SkillsInForce
  | SkillActivated
  | FindingReported
  | FindingApplying
  | FindingSettled
  | JobStarted
  | JobEnded
  | ChecksStarted
  | EvidenceRecorded
  | ChecksFailed
  | VerificationEnded
  | SubagentStarted
  | SubagentFinished
  | SessionRenamed
  | PromptQueued
  | PromptTakenBack
  | PromptSteered
  | ChangesKept;

/** What is only shown. */
export type EphemeralEvent =
  | TextDelta
  | ThinkingDelta
  | CallProgress
  | ModelRetrying
  | StageChanged
  | SessionHalted;

/** Any event. */
export type PostilEvent = DurableEvent | EphemeralEvent;

// Params and results of requests.

/** A new session; without an agent type and a mode it has those of the settings. */
export interface NewParams {
  agent?: string | null;
  mode?: string | null;
}

/** A session and how far its events go. */
export interface SessionResult {
  sessionId: string;
  seq: number;
}

/** No fields. */
export type Nothing = Record<string, never>;

/** One session in a list. */
export interface SessionRow {
  sessionId: string;
  title: string;
  updatedAt: number;
  /** null where only replaying would tell: of a long one that was not closed, just its end is read. */
  turns: number | null;
  open: boolean;
  busy: boolean;
  questions: number;
  /** Where it stands on disk; `running` is also said of one that is open here. */
  status: "clean" | "stopped" | "interrupted" | "question" | "running" | "damaged" | "newer";
}

/** The workspace's sessions, newest first. */
export interface ListResult {
  sessions: SessionRow[];
}

/** From which event on; 0 means all. */
export interface AttachParams {
  sessionId: string;
  after?: number;
}

/** One publication: a durable event with `seq`, or an ephemeral one with what it came `after`. */
export interface Update {
  sessionId: string;
  seq: number | null;
  after: number;
  event: PostilEvent;
  /** When a durable event was, in seconds since the epoch. */
  at: number | null;
}

/** The events so far; what comes next arrives as updates. */
export interface AttachResult {
  sessionId: string;
  seq: number;
  events: Update[];
  /** Whether a turn was left open, to be resumed. */
  suspended: boolean;
  /** Whether it cannot be written here, such as while another window has it open; attach again to see. */
  readOnly: boolean;
  /** What a person should know of how it was found. */
  note: string;
  /** What holds at this moment and is on no record: all that was said so far of the reply in progress, as deltas that stand for those before this answer; and of it and of its sub-agents a wait for the next try of the model, with the seconds left. */
  passing: Update[];
}

/** A prompt; without a session it goes to the one in use, or to a new one. An agent type begins a new session of it. */
export interface PromptParams {
  text: string;
  sessionId?: string | null;
  /** Whether it begins a session where none is named, also where one is in use. */
  newSession?: boolean;
  agent?: string | null;
  context?: PromptContext[];
  anchor?: Anchor | null;
  /** Whether it joins the turn in progress before its next call of the model, and does not wait for its end. */
  steer?: boolean;
}

/** The turn that was begun, or that the prompt will be. */
export interface TurnResult {
  sessionId: string;
  turnId: string;
  /** Whether it waits, under that id. */
  queued: boolean;
}

/** Names a prompt that waits, by the id of the turn that it will be. */
export interface WaitingParams {
  sessionId: string;
  promptId: string;
}

/** Names a prompt that waits; without one it is the next. */
export interface SendWaitingParams {
  sessionId: string;
  promptId?: string | null;
}

/** The answer to a question: one of its options, or words where it takes them. */
export interface AnswerParams {
  sessionId: string;
  questionId: string;
  optionId?: string;
  text?: string;
}

/** Names an open question. */
export interface QuestionParams {
  sessionId: string;
  questionId: string;
}

/** Names a session. */
export interface SessionParams {
  sessionId: string;
}

/** Whether there was something to stop. */
export interface CancelResult {
  cancelled: boolean;
}

/** The process that writes a session. */
export interface Owner {
  pid: number;
  /** Empty for this machine. */
  host: string;
  /** When it opened the session, in seconds since the epoch; null where that is not known. */
  since: number | null;
  /** Whether it is this server. */
  here: boolean;
}

/** Who writes a session; null where nobody does, so that it can be taken over by attaching again. */
export interface OwnerResult {
  owner: Owner | null;
}

/** Whether the next try of the model was waited for, and is made now. */
export interface RetryResult {
  tried: boolean;
}

/** Go back as the preview said. */
export interface RewindParams {
  sessionId: string;
  turnId?: string | null;
  changeId?: string | null;
  plan: string;
  files?: boolean;
  conversation?: boolean;
}

/** A file that stays as it is, and why. */
export interface LeftRow {
  uri: string;
  why: string;
}

/** What was left as it is; or that a question was asked first. */
export interface RewindResult {
  asked: boolean;
  left: LeftRow[];
  /** Whether all that was to go back did; where not, the conversation stays, and it can be tried again. */
  finished: boolean;
  /** Whether changes were missing from the record of this session, which was cut: they stay as they are. */
  incomplete: boolean;
}

/** What to go back to: before a turn, or to where one change was not made. One of the two is named. */
export interface TargetParams {
  sessionId: string;
  turnId?: string | null;
  changeId?: string | null;
}

/** What would happen to a file. `merge`: it was edited since, and keeps that. */
export interface PlanRow {
  uri: string;
  doing: "restore" | "merge" | "remove" | "bring_back" | "move_back";
}

/** What going back would do. */
export interface PreviewResult {
  /** Names this very list; going back is refused where it is no longer true. */
  plan: string;
  files: PlanRow[];
  left: LeftRow[];
  /** What was run since, which nothing takes back. */
  commands: string[];
  /** Whether changes are missing from the record of this session, which was cut: they stay as they are. */
  incomplete: boolean;
}

/** A prompt that is being written, up to the cursor. */
export interface MentionsParams {
  text: string;
}

/** One thing that could be mentioned there. */
export interface MentionRow {
  kind: "word" | "file" | "folder" | "symbol" | "session";
  /** The whole mention, with its @; it takes the place of what is typed of it. */
  text: string;
  detail: string;
}

/** What could be mentioned, the likeliest first; nothing where no mention is being written. */
export interface MentionsResult {
  /** UTF-16 units before the cursor that a mention takes the place of, the @ included. */
  typed: number;
  mentions: MentionRow[];
}

/** A folder of the workspace, and what the person's editor leaves out of its lists. */
export interface FilesParams {
  uri: string;
  /** Globs over paths below the folder; what is about a folder is about all that is in it. */
  exclude?: string[];
}

/** A file that could be attached. */
export interface FileRow {
  /** As the agent calls it. */
  path: string;
  uri: string;
}

/** The files of a folder, in order, without those that git ignores, that are hidden, or that are kept from the agent. */
export interface FilesResult {
  files: FileRow[];
  /** Whether these are all. */
  complete: boolean;
}

/** The permission mode from the next decision on. */
export interface ModeParams {
  sessionId: string;
  mode: string;
}

/** The model from the next turn on. */
export interface ModelParams {
  sessionId: string;
  model: string;
}

/** Changes of the agent's that somebody has looked at and keeps. */
export interface KeepParams {
  sessionId: string;
  changeIds: string[];
  /** The files of which they are kept, as the record calls them; empty where all of them are. */
  paths?: string[];
}

/** A document that was written or can be opened. */
export interface DocumentResult {
  uri: string;
}

/** What a session is to be called; without one it is the session in use. */
export interface RenameParams {
  sessionId?: string | null;
  title: string;
}

/** What it is called now. */
export interface RenameResult {
  sessionId: string;
  title: string;
}

/** Which session's document is wanted; without one, a new document of a session that begins with its first prompt. */
export interface ChatOpenParams {
  sessionId?: string | null;
  /** What stands in a new document and waits to be sent; its first words name the file. */
  text?: string;
  /** A document that is open in the editor and shows no session yet: it is to show that one, unless that has a document. */
  uri?: string | null;
  /** Whether to open it in the editor, where that can be asked of it. */
  show?: boolean;
}

/** A chat document whose last words are to be sent. */
export interface ChatSendParams {
  uri: string;
  /** Whether it joins the turn in progress before its next call of the model, and does not wait for its end. */
  steer?: boolean;
}

/** What became of it. */
export interface ChatSent {
  sessionId: string;
  /** The turn that was begun; null where the words only changed the mode. */
  turnId: string | null;
}

/** An answer in the words that are written below the last heading of a chat document. */
export interface ChatAnswerParams {
  uri: string;
  questionId: string;
  /** The answer that the words belong to, such as a denial; empty where the question takes words alone. */
  optionId?: string;
}

/** A chat document. */
export interface ChatParams {
  uri: string;
}

/** Names a text of a session's checkpoint, by the hash that a change has before or after it. */
export interface TextParams {
  sessionId: string;
  hash: string;
}

/** The text as it was; null where it is not kept. */
export interface TextResult {
  text: string | null;
}

/** The key that the editor keeps; an empty one takes it back, and without one nothing changes. */
export interface KeyParams {
  key?: string | null;
}

/** Where the key comes from that is used. */
export interface KeyResult {
  /** `local`: the server is on this machine and needs none; `sdk`: a profile or a workload identity; null where there is none. */
  source: "environment" | "local" | "sdk" | "editor" | "keyring" | "file" | null;
  /** Why a key that is stored cannot be used; empty where nothing is wrong. */
  problem: string;
}

/** What commands run in here that a person or a rule allows. */
export interface SandboxResult {
  /** Empty where they run in none. */
  name: string;
  /** Why they run in none. */
  why: string;
  /** Whether they have a network there. */
  network: boolean;
}

/** A model that Postil knows; others can be named all the same. */
export interface ModelRow {
  name: string;
  /** Tokens that it can read and write in one call. */
  window: number;
  /** US dollars for a million tokens that it reads; null where it is not known. */
  inputPrice: number | null;
  outputPrice: number | null;
}

/** The models that Postil knows, and the one that new sessions have. */
export interface ModelsResult {
  models: ModelRow[];
  default: string;
}

/** A permission mode. */
export interface ModeRow {
  name: string;
  title: string;
  description: string;
}

/** The permission modes, and the one that new sessions begin in. */
export interface ModesResult {
  modes: ModeRow[];
  default: string;
}

/** What is said of every folder of the workspace; without a verdict nothing is, and the answer tells how it stands. */
export interface TrustParams {
  verdict?: "trusted" | "restricted" | "undecided" | null;
}

/** Whether the workspace is trusted; its least trusted folder decides. */
export interface TrustResult {
  trusted: boolean;
  why: string;
  /** Folders, by their URIs, that a person may be asked about. */
  undecided: string[];
}

/** Whether the editor itself trusts the workspace. Where it does not, nothing does; where it does, that alone trusts nothing. */
export interface ClientTrustParams {
  trusted: boolean;
}

/** Whether to open the page, or only to write it. */
export interface GrantsParams {
  show?: boolean;
}

/** A rule that allows because a person said so. */
export interface GrantRow {
  /** Names it for `revoke`; empty for a rule of the user's settings. */
  grantId: string;
  rule: string;
  scope: "session" | "workspace" | "user";
  /** When it was given, in seconds since the epoch; 0 for a rule of the settings. */
  at: number;
  sessionId: string;
  sessionTitle: string;
  face: string;
  /** What the question was about. */
  asked: string;
  /** The settings file of a rule that is written there. */
  file: string;
  uses: number;
  /** When it last decided; 0 where it never did. */
  usedAt: number;
}

/** One of the last decisions. */
export interface DecisionRow {
  at: number;
  sessionId: string;
  verdict: string;
  /** `rule`, `person` or `nobody`. */
  by: string;
  subject: string;
  why: string;
  /** The rules that decided. */
  rules: string[];
  /** Rules that spoke of it and did not count. */
  lost: string[];
  checks: string[];
}

/** All grants, and the page that shows them. */
export interface GrantsResult {
  uri: string;
  grants: GrantRow[];
  recent: DecisionRow[];
}

/** Names a grant. */
export interface RevokeParams {
  grantId: string;
}

/** Whether there was one; somebody else may have been first. */
export interface RevokeResult {
  revoked: boolean;
}

/** A command line, judged in the first folder of the workspace; with a session, under its mode and grants. */
export interface WhyParams {
  command: string;
  sessionId?: string | null;
}

/** One command of the line, and what speaks against it. */
export interface WhyPart {
  text: string;
  /** The rule that allows it by itself; empty where none does. */
  allowedBy: string;
  /** What speaks against it beside that. */
  findings: string[];
}

/** What would become of it. */
export interface WhyResult {
  verdict: "allow" | "ask" | "deny";
  why: string;
  /** The rules that decide. */
  rules: string[];
  /** Rules that speak of it and do not count. */
  lost: string[];
  /** The checks that fired, whether or not a rule overrules them. */
  checks: string[];
  parts: WhyPart[];
  /** What speaks against the line as a whole. */
  whole: string[];
  /** The rules that a lasting answer would set; none where none is safe. */
  lastingRules: string[];
}

/** Whether to open the page, or only to write it. */
export interface MemoryParams {
  show?: boolean;
}

/** A note or a session that is remembered. */
export interface MemoryRow {
  /** Names it for `forget`: `note/TOPIC`, `team/TOPIC` or a session's id. */
  id: string;
  title: string;
  /** The file of a note; empty for a session. */
  file: string;
  /** When it was last written, in seconds since the epoch. */
  at: number;
}

/** All that is remembered, and the page that shows it. */
export interface MemoryResult {
  uri: string;
  remembered: MemoryRow[];
}

/** Names a note or a session. */
export interface ForgetParams {
  id: string;
}

/** Whether there was one; somebody else may have been first. */
export interface ForgetResult {
  forgotten: boolean;
}

/** Whether to open the page, or only to write it; with a session, what is in force in that one. */
export interface OverviewParams {
  show?: boolean;
  sessionId?: string | null;
}

/** What decides about something now. */
export interface RuleRow {
  verdict: string;
  why: string;
  /** Rules that speak of some of its uses. */
  rules: string[];
}

/** A tool, an agent type, a skill, a slash command, a hook, a server, or whatever else adds to what the agent can do. */
export interface ContributionRow {
  kind: string;
  name: string;
  title: string;
  tier: string;
  source: string;
  effects: string;
  rule: RuleRow;
  /** `loaded`, `deferred` or `off`. */
  state: string;
  why: string;
  /** The codicon by which to show it, and the calls of a tool; empty where it has none of its own. */
  icon: string;
}

/** Everything in force, and the page that shows it. */
export interface OverviewResult {
  uri: string;
  contributions: ContributionRow[];
}

/** An agent type that a new session can have. */
export interface AgentRow {
  name: string;
  title: string;
  when: string;
  source: "built_in" | "user" | "workspace";
  /** Empty for one of Postil's own. */
  file: string;
  /** As the type names them; `*` is every tool that there is. */
  tools: string[];
  /** The mode that it holds its sessions in, or `as-chosen`. */
  mode: string;
  /** Whether a session has it where none is named. */
  default: boolean;
}

/** A file that is no agent type, and why. */
export interface AgentFaultRow {
  file: string;
  /** From 1. */
  line: number;
  message: string;
}

/** All of them, Postil's own first. */
export interface AgentsResult {
  types: AgentRow[];
  faults: AgentFaultRow[];
}

/** Something that is wrong with a SKILL.md. */
export interface SkillFlawRow {
  /** From 1. */
  line: number;
  message: string;
  /** An error keeps the skill from being used. */
  severity: "error" | "warning";
}

/** A skill, and whether a session that begins now has it. */
export interface ListedSkill {
  name: string;
  description: string;
  source: "user" | "built-in" | "workspace";
  file: string;
  state: "in force" | "off";
  /** Why it is off; empty where it is not. */
  why: string;
  flaws: SkillFlawRow[];
}

/** All of them, in the order in which one of several of a name counts. */
export interface SkillsResult {
  skills: ListedSkill[];
}

/** A slash command: a prompt file, or a skill that a person chooses by its name. */
export interface SlashCommandRow {
  /** Without its slash. */
  name: string;
  kind: "prompt" | "skill";
  description: string;
  /** What to write behind the name, for people. */
  hint: string;
  /** The agent type of the sessions that it is for; empty for all. */
  agent: string;
  source: "user" | "built-in" | "workspace";
  file: string;
  state: "in force" | "off";
  /** Why it is off; empty where it is not. */
  why: string;
}

/** All of them, in the order in which one of several of a name counts. */
export interface SlashCommandsResult {
  commands: SlashCommandRow[];
}

/** Which server, by its name in the settings. */
export interface RestartParams {
  name: string;
}

/** How the server stands by now. */
export interface RestartResult {
  /** `ready`, `failed` or `off`. */
  state: string;
  why: string;
  tools: number;
}

/** Names an open finding. */
export interface FindingParams {
  sessionId: string;
  findingId: string;
}

/** The page that shows the whole change of a finding. */
export interface FindingShown {
  uri: string;
}

/** A position in the client's units. */
export interface Point {
  line: number;
  character: number;
}

/** A range in the client's units. */
export interface Span {
  start: Point;
  end: Point;
}

/** A place in a document, and what a diagnostic says about it. */
export interface PlaceParams {
  uri: string;
  range: Span;
  /** What is asked of the agent; empty means: what the selected text says. */
  text?: string;
  diagnostic?: string;
  sessionId?: string | null;
  /** Whether it begins a session where none is named, also where one is in use. */
  newSession?: boolean;
}

/** An open document. */
export interface SaveParams {
  uri: string;
}

/** Whether it is on the disk as the editor shows it. A client that would have to overwrite what something else wrote since it read the file, and was not asked to, says no. */
export interface SaveResult {
  saved: boolean;
}

/** An open document, and the version that is asked about. */
export interface DiagnosticsParams {
  uri: string;
  version: number;
}

/** A diagnostic as LSP has it, as far as it is read. */
export interface ClientDiagnostic {
  range: Span;
  message: string;
  severity?: number | null;
  source?: string | null;
  code?: number | string | null;
}

/** What other servers find in a document. */
export interface DiagnosticsResult {
  /** The version that all of them have looked at. An older one is asked about again, for two seconds at most. */
  version: number;
  diagnostics: ClientDiagnostic[];
}

/** A line on which a name stands, and what is asked about that symbol. The document need not be open. */
export interface SymbolsParams {
  uri: string;
  /** Counted from 0. Of several places of the name on it the first counts. */
  line: number;
  name: string;
  want: "definitions" | "references";
}

/** A location as LSP has it. */
export interface ClientLocation {
  uri: string;
  range: Span;
}

/** Where language servers say that the symbol is; the name stands on the first line of each range. */
export interface SymbolsResult {
  places: ClientLocation[];
}

// Requests and commands.

/** Requests to the server, by method. */
export interface Requests {
  /** Create a session. */
  "postil/session/new": { params: NewParams; result: SessionResult };
  /** List the workspace's sessions, newest first. */
  "postil/session/list": { params: Nothing; result: ListResult };
  /** Open a session and get its events, from `after` on. */
  "postil/session/attach": { params: AttachParams; result: AttachResult };
  /** Ask the agent. Answered as soon as the prompt is safe on disk; while a turn runs it waits, or with `steer` joins it. */
  "postil/session/prompt": { params: PromptParams; result: TurnResult };
  /** Take back a prompt that waits. */
  "postil/session/takeBack": { params: WaitingParams; result: Nothing };
  /** Send a prompt that waits: it joins the turn in progress, or begins one. */
  "postil/session/sendWaiting": { params: SendWaitingParams; result: TurnResult };
  /** Answer an open question. The first answer wins. */
  "postil/session/answer": { params: AnswerParams; result: Nothing };
  /** Stop the turn in progress. Prompts that wait stay, and are not sent by themselves. */
  "postil/session/cancel": { params: SessionParams; result: CancelResult };
  /** Say which process writes a session, such as another window's. */
  "postil/session/owner": { params: SessionParams; result: OwnerResult };
  /** Try the model at once, where the next try is waited for. */
  "postil/session/retry": { params: SessionParams; result: RetryResult };
  /** Go on with the turn that a crash or a restart left open. */
  "postil/session/resume": { params: SessionParams; result: TurnResult };
  /** Run the checks that are about what the session has edited, and say how the edits stand. The model is not asked. */
  "postil/session/check": { params: SessionParams; result: TurnResult };
  /** Close a session; a turn in progress is left to be resumed. */
  "postil/session/close": { params: SessionParams; result: Nothing };
  /** Have a session here that another window has open: that one stops what runs, and reads along from then on. */
  "postil/session/takeOver": { params: SessionParams; result: SessionResult };
  /** Take back changes, and the conversation, as `session/preview` said. */
  "postil/session/rewind": { params: RewindParams; result: RewindResult };
  /** Say what could be mentioned with an @ at the end of a prompt that is being written. */
  "postil/mentions": { params: MentionsParams; result: MentionsResult };
  /** List the files of a folder of the workspace that could be attached, by the rules of the tool `glob`. */
  "postil/files": { params: FilesParams; result: FilesResult };
  /** Call a session otherwise, open or not. */
  "postil/session/rename": { params: RenameParams; result: RenameResult };
  /** Delete a session, its sub-agents' with it, for good. */
  "postil/session/delete": { params: SessionParams; result: Nothing };
  /** Get a text from before or after a change, as the checkpoint keeps it. */
  "postil/session/text": { params: TextParams; result: TextResult };
  /** Hand over the key that the editor keeps, to be held in memory alone; or say where the key comes from. */
  "postil/key": { params: KeyParams; result: KeyResult };
  /** Say which sandbox commands run in here, or why in none. */
  "postil/sandbox": { params: Nothing; result: SandboxResult };
  /** List the models that Postil knows. */
  "postil/models": { params: Nothing; result: ModelsResult };
  /** List the permission modes. */
  "postil/modes": { params: Nothing; result: ModesResult };
  /** List everything in force with what decides about it, and open that as a page. */
  "postil/overview": { params: OverviewParams; result: OverviewResult };
  /** List what a prompt may begin with: prompt files and skills, as `/name`. */
  "postil/slashCommands": { params: Nothing; result: SlashCommandsResult };
}

/** Requests to the client, by method. */
export interface ClientRequests {
  /** Save a document. */
  "postil/client/save": { params: SaveParams; result: SaveResult | null };
  /** Say what other servers find in a document, or null where nobody looks at it. */
  "postil/client/diagnostics": { params: DiagnosticsParams; result: DiagnosticsResult | null };
  /** Say where a symbol is defined or used, or null where nobody knows. After five seconds nobody waits any more. */
  "postil/client/symbols": { params: SymbolsParams; result: SymbolsResult | null };
}

/** Commands of the server; each takes its params as the one argument. */
export interface Commands {
  /** Create a session. */
  "postil.server.session.new": { params: NewParams; result: SessionResult };
  /** List the workspace's sessions, newest first. */
  "postil.server.session.list": { params: Nothing; result: ListResult };
  /** Open a session and get its events, from `after` on. */
  "postil.server.session.attach": { params: AttachParams; result: AttachResult };
  /** Ask the agent. Answered as soon as the prompt is safe on disk; while a turn runs it waits, or with `steer` joins it. */
  "postil.server.session.prompt": { params: PromptParams; result: TurnResult };
  /** Take back a prompt that waits. */
  "postil.server.session.takeBack": { params: WaitingParams; result: Nothing };
  /** Send a prompt that waits: it joins the turn in progress, or begins one. */
  "postil.server.session.sendWaiting": { params: SendWaitingParams; result: TurnResult };
  /** Answer an open question. The first answer wins. */
  "postil.server.session.answer": { params: AnswerParams; result: Nothing };
  /** Show the place of an open question; it is no answer. */
  "postil.server.session.show": { params: QuestionParams; result: Nothing };
  /** Stop the turn in progress. Prompts that wait stay, and are not sent by themselves. */
  "postil.server.session.cancel": { params: SessionParams; result: CancelResult };
  /** Say which process writes a session, such as another window's. */
  "postil.server.session.owner": { params: SessionParams; result: OwnerResult };
  /** Try the model at once, where the next try is waited for. */
  "postil.server.session.retry": { params: SessionParams; result: RetryResult };
  /** Go on with the turn that a crash or a restart left open. */
  "postil.server.session.resume": { params: SessionParams; result: TurnResult };
  /** Run the checks that are about what the session has edited, and say how the edits stand. The model is not asked. */
  "postil.server.session.check": { params: SessionParams; result: TurnResult };
  /** Close a session; a turn in progress is left to be resumed. */
  "postil.server.session.close": { params: SessionParams; result: Nothing };
  /** Have a session here that another window has open: that one stops what runs, and reads along from then on. */
  "postil.server.session.takeOver": { params: SessionParams; result: SessionResult };
  /** Take back changes, and the conversation, as `session/preview` said. */
  "postil.server.session.rewind": { params: RewindParams; result: RewindResult };
  /** Say what going back would do, and what it cannot do. Nothing is touched. */
  "postil.server.session.preview": { params: TargetParams; result: PreviewResult };
  /** Undo one change, asking first where somebody edited since; or ask about a turn. */
  "postil.server.session.undo": { params: TargetParams; result: RewindResult };
  /** Say what could be mentioned with an @ at the end of a prompt that is being written. */
  "postil.server.mentions": { params: MentionsParams; result: MentionsResult };
  /** List the files of a folder of the workspace that could be attached, by the rules of the tool `glob`. */
  "postil.server.files": { params: FilesParams; result: FilesResult };
  /** Change the permission mode. */
  "postil.server.session.mode": { params: ModeParams; result: Nothing };
  /** Change the model, from the next turn on. Not while a turn is in progress. */
  "postil.server.session.model": { params: ModelParams; result: Nothing };
  /** Keep changes as they are: they count as looked at from now on, in every editor. */
  "postil.server.session.keep": { params: KeepParams; result: Nothing };
  /** Compact the conversation, at once or before the next call of the model. */
  "postil.server.session.compact": { params: SessionParams; result: Nothing };
  /** Write what the agent is shown in place of a compacted beginning, and what it is not, and open it. */
  "postil.server.session.kept": { params: SessionParams; result: DocumentResult };
  /** Write the session as Markdown and open it. */
  "postil.server.session.transcript": { params: SessionParams; result: DocumentResult };
  /** Call a session otherwise, open or not. */
  "postil.server.session.rename": { params: RenameParams; result: RenameResult };
  /** Make a chat document for a new session, or write that of a session from its record, and open it. */
  "postil.server.chat.new": { params: ChatOpenParams; result: DocumentResult };
  /** Send what is written below the last heading of a chat document. */
  "postil.server.chat.send": { params: ChatSendParams; result: ChatSent };
  /** Answer a question in the words below the last heading of a chat document. */
  "postil.server.chat.answer": { params: ChatAnswerParams; result: Nothing };
  /** Write into a chat document again what was undone or deleted of an answer that goes on. */
  "postil.server.chat.continue": { params: ChatParams; result: Nothing };
  /** Delete a session, its sub-agents' with it, for good. */
  "postil.server.session.delete": { params: SessionParams; result: Nothing };
  /** Get a text from before or after a change, as the checkpoint keeps it. */
  "postil.server.session.text": { params: TextParams; result: TextResult };
  /** Hand over the key that the editor keeps, to be held in memory alone; or say where the key comes from. */
  "postil.server.key": { params: KeyParams; result: KeyResult };
  /** Say which sandbox commands run in here, or why in none. */
  "postil.server.sandbox": { params: Nothing; result: SandboxResult };
  /** List the models that Postil knows. */
  "postil.server.models": { params: Nothing; result: ModelsResult };
  /** List the permission modes. */
  "postil.server.modes": { params: Nothing; result: ModesResult };
  /** Trust the workspace, keep it restricted, or say how it stands. */
  "postil.server.trust": { params: TrustParams; result: TrustResult };
  /** Say whether the editor itself trusts the workspace, when that changes. */
  "postil.server.trust.client": { params: ClientTrustParams; result: TrustResult };
  /** List the grants and the last decisions, and open them as a page. */
  "postil.server.grants": { params: GrantsParams; result: GrantsResult };
  /** Take a grant back, from the next decision on. */
  "postil.server.revoke": { params: RevokeParams; result: RevokeResult };
  /** Say what would become of a command, and why. */
  "postil.server.why": { params: WhyParams; result: WhyResult };
  /** List the notes and sessions that are remembered, and open them as a page. */
  "postil.server.memory": { params: MemoryParams; result: MemoryResult };
  /** Delete a note, or take a session out of memory; the session itself stays. */
  "postil.server.forget": { params: ForgetParams; result: ForgetResult };
  /** List everything in force with what decides about it, and open that as a page. */
  "postil.server.overview": { params: OverviewParams; result: OverviewResult };
  /** List the agent types, and the files that are none. */
  "postil.server.agents": { params: Nothing; result: AgentsResult };
  /** List the skills, whether each counts and why not. */
  "postil.server.skills": { params: Nothing; result: SkillsResult };
  /** List what a prompt may begin with: prompt files and skills, as `/name`. */
  "postil.server.slashCommands": { params: Nothing; result: SlashCommandsResult };
  /** Start a server of tools anew, however often it failed. */
  "postil.server.toolServer.restart": { params: RestartParams; result: RestartResult };
  /** Open the whole change that a finding proposes, as a page. */
  "postil.server.finding.show": { params: FindingParams; result: FindingShown };
  /** Put in what mends a finding, as edits are made; a change that is too long for its diagnostic only after it was shown. */
  "postil.server.finding.apply": { params: FindingParams; result: Nothing };
  /** Ask the agent to mend a finding. */
  "postil.server.finding.ask": { params: FindingParams; result: TurnResult };
  /** Drop a finding. */
  "postil.server.finding.dismiss": { params: FindingParams; result: Nothing };
  /** Ask the agent about a place in a document. */
  "postil.server.ask": { params: PlaceParams; result: TurnResult };
  /** Ask the agent to fix what a diagnostic says. */
  "postil.server.fix": { params: PlaceParams; result: TurnResult };
  /** Ask the agent to explain a place; it changes nothing. */
  "postil.server.explain": { params: PlaceParams; result: TurnResult };
}
