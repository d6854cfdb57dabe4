/** What goes on from where the last turn ended: work that gave up is tried again, edits that are not verified are checked. */
import type { JSX } from "preact";
import type { TurnEnded, VerificationEnded } from "../../src/protocol_gen";
import { type Session, type Turn, turns } from "../../src/session/model";
import type { Chat } from "../chat";
import { Link, useChat } from "./basics";

export type Onward = "key" | "again" | "goOn" | "check";

const TITLES: Record<Onward, string> = {
  key: "Set API key…",
  again: "Try again",
  goOn: "Go on",
  check: "Check now",
};

/** Ends before the work was done. */
const SHORT: Partial<Record<TurnEnded["reason"], Onward>> = {
  failed: "again",
  max_tokens: "goOn",
  max_turn_requests: "goOn",
  budget_exhausted: "goOn",
};

/** Reasons that checks which are run now may do away with: not where no check is about the edits, or nothing can run one. */
const CHECKABLE: ReadonlySet<VerificationEnded["reason"]> = new Set([
  "failed",
  "not_run",
  "stale",
  "stopped",
  "commands",
] as const);

/** Return what is offered below the last turn, with that turn; nothing while something is at work, or where nothing can be asked. */
export function onwardOf(session: Session, chat: Chat): { turn: Turn; offers: Onward[] } | null {
  const turn = turns(session).at(-1);
  if (turn?.ended == null || chat.busy || chat.readOnly || session.parentId !== null) return null;
  const offers: Onward[] = [];
  const short = SHORT[turn.ended.reason];
  // What was to check alone is tried again by checking: to go on from it would ask the model.
  const checks = short !== undefined && turn.prompt.checks;
  // Without a key that is accepted nothing else helps.
  if (short === "again" && chat.status?.key === "rejected") offers.push("key");
  if (short !== undefined && !checks) offers.push(short);
  const verdict = turn.items.findLast((it) => it.kind === "verdict");
  const told = verdict?.kind === "verdict" ? verdict.reason : null;
  if (checks || CHECKABLE.has(told as VerificationEnded["reason"])) offers.push("check");
  return offers.length === 0 ? null : { turn, offers };
}

export function OnwardView({ session, offers }: { session: Session; offers: Onward[] }): JSX.Element {
  const chat = useChat();
  const act = (what: Onward): void => {
    if (what === "key") {
      chat.host.command("setKey", {});
      return;
    }
    const method = what === "check" ? "postil/session/check" : "postil/session/resume";
    void chat.tell(() => chat.host.request(method, { sessionId: session.id }));
  };
  return (
    <div class="onward">
      {offers.map((it) => (
        <Link key={it} act={() => act(it)}>
          {TITLES[it]}
        </Link>
      ))}
    </div>
  );
}
