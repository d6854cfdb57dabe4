/**
 * The fold of a session's events to what the chat shows: state and next event give the next state.
 *
 * Live and replayed it is the same function. It looks at nothing but the two and is tested on the golden files that the
 * server's own fold is tested on. As there, the state is changed in place: a session has a hundred thousand events, and
 * `rev` says what of it changed.
 */
import type { PostilEvent } from "../protocol_gen";
import * as answers from "./answers";
import * as calls from "./calls";
import { emptySession, type Session, type Stamped } from "./model";
import * as spending from "./spending";
import * as turns from "./turns";
import * as waiting from "./waiting";

type Of<Name extends PostilEvent["type"]> = Extract<PostilEvent, { type: Name }>;
type Handlers = {
  [Name in PostilEvent["type"]]?: (session: Session, event: Of<Name>, update: Stamped) => void;
};

/** Return the session after `updates`, starting from `session` or from nothing. */
export function fold(updates: Iterable<Stamped>, session: Session = emptySession()): Session {
  for (const update of updates) apply(session, update);
  return session;
}

/** Advance the session by one publication; false where it was known already, or came before something that is missing. */
export function apply(session: Session, update: Stamped): boolean {
  if (update.seq !== null) {
    if (update.seq <= session.seq) return false;
    session.seq = update.seq;
  } else if (update.after < session.seq && update.event.type !== "SessionHalted") {
    return false;
  }
  const handler = handlers[update.event.type] as
    ((s: Session, e: PostilEvent, u: Stamped) => void) | undefined;
  // An event of a later version changes nothing but the number.
  handler?.(session, update.event, update);
  session.rev += 1;
  return true;
}

/** Return what of an answer to `attach` is on no record and holds now: of the session itself, and of its sub-agents. */
export function passingOf<U extends Stamped>(
  sessionId: string,
  result: { readonly passing?: readonly U[] },
): [own: U[], below: U[]] {
  const all = result.passing ?? [];
  return [all.filter((it) => it.sessionId === sessionId), all.filter((it) => it.sessionId !== sessionId)];
}

/** Return a handler of a call's event after which the check that the call may be is looked at. */
function followed<E extends { call_id: string }>(
  handle: (session: Session, event: E, update: Stamped) => void,
): typeof handle {
  return (session, event, update) => {
    handle(session, event, update);
    answers.followCheck(session, event.call_id);
  };
}

const handlers: Handlers = {
  SessionCreated: turns.created,
  ConfigurationInForce: turns.configured,
  PromptReceived: (session, event, update) => {
    waiting.waitsNoLonger(session, event.turn_id);
    turns.prompted(session, event, update);
  },
  PromptQueued: waiting.queued,
  PromptTakenBack: waiting.takenBack,
  PromptSteered: waiting.steered,
  Routed: turns.routed,
  ModelCalled: spending.called,
  ModelReplied: (session, event, update) => {
    calls.replied(session, event, update);
    spending.replied(session, event);
  },
  ModelFailed: (session, event) => {
    calls.modelFailed(session, event);
    spending.failed(session, event);
  },
  PermissionAsked: answers.asked,
  PermissionDecided: followed(answers.decided),
  GrantAdded: answers.granted,
  GrantRevoked: answers.revoked,
  QuestionAsked: answers.questionAsked,
  QuestionAnswered: answers.questionAnswered,
  CallStarted: followed(calls.started),
  FileChanged: calls.fileChanged,
  CallFinished: followed(calls.finished),
  TodoUpdated: turns.planned,
  TurnEnded: turns.ended,
  RewindStarted: (session, event) => {
    session.rewinding = { id: event.rewind_id, undoes: event.undoes };
  },
  Rewound: turns.rewound,
  ChangesKept: turns.kept,
  SessionResumed: turns.resumed,
  SessionRenamed: (session, event) => {
    session.title = event.title;
  },
  SessionClosed: (session) => {
    session.closed = true;
    session.live = null;
  },
  JournalRepaired: turns.repaired,
  CompactionStarted: turns.compacting,
  Compacted: (session, event, update) => {
    turns.compacted(session, event, update);
    spending.compacted(session, event);
  },
  CompactionFailed: (session, event, update) => {
    turns.compactionFailed(session, event, update);
    spending.compactionFailed(session, event);
  },
  HookEnded: turns.hookEnded,
  ChecksStarted: answers.checksStarted,
  EvidenceRecorded: answers.evidenceRecorded,
  ChecksFailed: answers.checksFailed,
  VerificationEnded: answers.verificationEnded,
  SubagentStarted: calls.subagentStarted,
  SubagentFinished: (session, event) => {
    if (calls.subagentFinished(session, event)) spending.subagentFinished(session, event);
  },
  TextDelta: calls.grew,
  ThinkingDelta: calls.grew,
  CallProgress: calls.progressed,
  ModelRetrying: calls.retrying,
  StageChanged: (session, event) => {
    session.live = { turnId: event.turn_id, stage: event.stage, detail: event.detail, step: event.step };
    session.retry = null;
  },
  SessionHalted: (session, event) => {
    session.halted = { message: event.message, mend: event.mend };
    session.live = null;
  },
};
