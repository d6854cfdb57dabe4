/** The two lines above the composer: what happens now or waits, and the plan or what changed. */
import type { JSX } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { askedOf } from "../../src/session/asking";
import { currentTurn, type Retry, type Session } from "../../src/session/model";
import { changedFiles } from "../../src/session/rows";
import { type Wait, waitsOf, whyOf } from "../../src/session/waits";
import { askedElsewhere } from "../announcing";
import { count, sentence } from "../format";
import { HELD } from "../hindrance";
import { brief } from "../markdown/reveal";
import { Delta, Icon, type IconName, Keys, Link, useChat, useRunning } from "./basics";
import { PlanList } from "./lines";
import type { Place } from "./log";

interface BarProps {
  icon: IconName;
  tone?: string;
  words: string;
  title?: string;
  right?: JSX.Element | string | null;
  /** Whether all of it has to be read: it takes as many lines as it needs. */
  whole?: boolean;
}

function Bar({ icon, tone = "muted", words, title, right = null, whole = false }: BarProps): JSX.Element {
  return (
    <div class={whole ? "bar whole" : "bar"}>
      <Icon name={icon} tone={icon === "loading" ? `${tone} spin` : tone} />
      <span class="grow" title={title}>
        {words}
      </span>
      {typeof right === "string" ? <span class="muted num">{right}</span> : right}
    </div>
  );
}

export function Dock({
  session,
  place,
  toEnd,
  toQuestion,
}: {
  session: Session | null;
  place: Place;
  toEnd: () => void;
  toQuestion: () => void;
}): JSX.Element | null {
  const chat = useChat();
  const first = <Now session={session} place={place} toQuestion={toQuestion} />;
  const second = session === null ? null : <Second session={session} />;
  const jump = !place.atEnd && session !== null && session.entries.length > 0;
  return (
    <div class="dock">
      {chat.fault !== "" && <Bar icon="error" tone="bad" words={brief(chat.fault)} whole />}
      {chat.held !== null && (
        <Bar icon="send" words={HELD} right={<Link act={() => chat.holdBack()}>Hold back</Link>} />
      )}
      <Elsewhere />
      <Unreviewed />
      {first}
      {second}
      {jump && (
        <div class="bar jump">
          <Link act={toEnd}>Jump to end</Link>
        </div>
      )}
    </div>
  );
}

/** What sessions ask that are out of view. */
function Elsewhere(): JSX.Element | null {
  const chat = useChat();
  const words = chat.status === null ? "" : askedElsewhere(chat.status);
  if (words === "") return null;
  const go = <Link act={() => chat.host.command("goToQuestion", {})}>Go to question</Link>;
  return <Bar icon="question" tone="warn" words={words} right={go} />;
}

/** What was changed in sessions that are out of view, and nobody has kept or undone. */
function Unreviewed(): JSX.Element | null {
  const chat = useChat();
  const there = chat.status?.unreviewed ?? null;
  if (there === null || chat.status?.server !== "ready") return null;
  const { sessionId, files, sessions } = there;
  const where = sessions === 1 ? "another session" : `${sessions} other sessions`;
  const words = `${count(files, "file")} to review in ${where}`;
  const go = <Link act={() => chat.host.command("openSession", { sessionId })}>Go to session</Link>;
  return <Bar icon="diff-multiple" words={words} right={go} />;
}

function Now({
  session,
  place,
  toQuestion,
}: {
  session: Session | null;
  place: Place;
  toQuestion: () => void;
}): JSX.Element | null {
  const chat = useChat();
  const status = chat.status;
  const busy = chat.busy;
  const elapsed = useRunning(busy, `turn ${session?.id ?? ""}`);
  if (status !== null && status.server !== "ready") return <Server talks={session !== null} />;
  if (session === null) return null;
  if (session.halted !== null)
    return (
      <Bar icon="error" tone="bad" words={brief(`${session.halted.message} ${session.halted.mend}`)} whole />
    );
  const waits = askedOf(session, chat.sessions).length;
  if (waits > 0 && chat.readOnly)
    return <Bar icon="question" words={waits === 1 ? "A question is open" : `${waits} questions are open`} />;
  if (waits > 0) {
    const right = place.card ? <Keys keys="Ctrl K Ctrl Y" /> : <Link act={toQuestion}>Go to question</Link>;
    return (
      <Bar
        icon="question"
        tone="warn"
        words={waits === 1 ? "Waiting for your answer" : `${waits} questions`}
        right={right}
      />
    );
  }
  const turn = currentTurn(session);
  if (chat.suspended && turn !== null) return <Suspended session={session} step={turn.step} />;
  if (!busy || turn === null) return null;
  const tries = waitsOf(session, chat.sessions);
  if (tries.length > 0) return <Retrying waits={tries} />;
  const step = Math.max(session.live?.step ?? 0, turn.step, 1);
  const right = `step ${step}${elapsed > 0 ? ` · ${elapsed} s` : ""}`;
  return <Bar icon="loading" words={stageOf(session)} right={right} />;
}

function Server({ talks }: { talks: boolean }): JSX.Element | null {
  const chat = useChat();
  const status = chat.status;
  if (status === null) return null;
  const { install } = status;
  if (install?.state === "waits") {
    const { version, path } = install;
    return (
      <Bar
        icon="question"
        tone="warn"
        words={brief(status.message)}
        whole
        right={<Link act={() => chat.host.command("install", { version, path })}>Install</Link>}
      />
    );
  }
  if (install?.state === "runs") {
    const cancel = <Link act={() => chat.host.command("cancelInstall", {})}>Cancel</Link>;
    return <Bar icon="loading" words={brief(status.message)} right={cancel} />;
  }
  if (status.server === "stopped" && !status.folder)
    return (
      <Bar
        icon="folder"
        words={brief(status.message)}
        whole
        right={<Link act={() => chat.host.command("openFolder", {})}>Open folder…</Link>}
      />
    );
  if (status.server === "failed" || status.server === "stopped") {
    // What is wrong with the Python stands above already, where there is no conversation.
    const said = status.message === "" || (!talks && status.message === status.python.why);
    return (
      <Bar
        icon="error"
        tone="bad"
        words={said ? "The server is not running." : brief(status.message)}
        whole
        right={
          <>
            <Link act={() => chat.host.command("restartServer", {})}>Restart</Link>
            <Link act={() => chat.host.command("showLog", {})}>Show log</Link>
          </>
        }
      />
    );
  }
  // What takes longer says so.
  const plain = status.server === "restarting" ? "Restarting the server" : "Starting the server";
  return <Bar icon="loading" words={status.message === "" ? plain : brief(status.message)} />;
}

function Suspended({ session, step }: { session: Session; step: number }): JSX.Element {
  const chat = useChat();
  const resume = (): void =>
    void chat.tell(() => chat.host.request("postil/session/resume", { sessionId: session.id }));
  return (
    <Bar
      icon="debug-pause"
      words={step > 0 ? `Stopped in step ${step}` : "Stopped before the first step"}
      right={chat.readOnly ? null : <Link act={resume}>Resume</Link>}
    />
  );
}

/** When each wait was first shown: what is shown again goes on counting. */
const since = new WeakMap<Retry, number>();

function left({ retry }: Wait): number {
  const began = since.get(retry) ?? performance.now();
  since.set(retry, began);
  return Math.max(0, Math.ceil(retry.seconds - (performance.now() - began) / 1_000));
}

/** *Offline. Next try in 12 s* · *3 of 6* · *Try now*: counted down while it is shown; of several, the one that is next. */
function Retrying({ waits }: { waits: readonly Wait[] }): JSX.Element {
  const chat = useChat();
  const [, again] = useReducer((it: number) => it + 1, 0);
  useEffect(() => {
    const timer = setInterval(again, 1_000, undefined);
    return () => clearInterval(timer);
  }, []);
  const tryNow = (): void => {
    for (const { sessionId, retry } of waits) {
      void chat.tell(() => chat.host.request("postil/session/retry", { sessionId }));
      since.set(retry, -Infinity);
    }
    again(undefined);
  };
  const seconds = Math.min(...waits.map(left));
  const next = waits.find((it) => left(it) === seconds)?.retry;
  const words = `${whyOf(waits, brief)}. ${seconds > 0 ? `Next try in ${seconds} s` : "Trying again"}`;
  return (
    <Bar
      icon={next?.kind === "connection" ? "debug-disconnect" : "watch"}
      tone="bad"
      words={words}
      title={waits.map((it) => brief(it.retry.message)).join("\n")}
      right={
        <>
          {next !== undefined && waits[0]?.who === "" && (
            <span class="muted num wide">{`${next.attempt} of ${next.of}`}</span>
          )}
          {seconds > 0 && !chat.readOnly && <Link act={tryNow}>Try now</Link>}
        </>
      }
    />
  );
}

/** Return what the agent is doing, in a few words. */
export function stageOf(session: Session): string {
  const agents = [...session.subagents.values()].filter((it) => it.subagent?.finished === null).length;
  if (agents > 0) return agents === 1 ? "1 agent working" : `${agents} agents working`;
  const checks = [...session.calls.values()].filter((it) => it.check !== "" && it.status !== "completed");
  if (checks.length > 0) return `Checking: ${checks.map((it) => brief(it.check)).join(", ")}`;
  const live = session.live;
  if (live === null || live.stage === "") return "Working";
  if (live.stage === "running" && live.detail !== "")
    return `Running ${brief(live.detail).replace(/\n/g, " ⏎ ")}`;
  return sentence(live.stage);
}

function Second({ session }: { session: Session }): JSX.Element | null {
  const chat = useChat();
  const [open, setOpen] = useState(false);
  const plan = session.plan;
  const settled = new Set([...session.undone, ...session.kept]);
  const left = chat.review.get(session.id);
  const review = left === undefined ? null : { open: left, counts: chat.counts.get(session.id) ?? [] };
  const changes = changedFiles(session.changes, settled, review);
  if (
    chat.busy &&
    plan.length > 0 &&
    plan.some((it) => it.status !== "completed" && it.status !== "cancelled")
  ) {
    const done = plan.filter((it) => it.status === "completed").length;
    const now = plan.find((it) => it.status === "in_progress") ?? plan.find((it) => it.status === "pending");
    return (
      <>
        {open && (
          <div class="upward">
            <PlanList items={plan} />
          </div>
        )}
        <button type="button" class="bar" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="checklist" tone="muted" />
          <span class="grow">{brief(now?.text ?? "Plan")}</span>
          <span class="muted num">{`${Math.min(done + 1, plan.length)} of ${plan.length}`}</span>
        </button>
      </>
    );
  }
  if (changes.files === 0 || chat.busy || chat.readOnly) return null;
  const ids = { sessionId: session.id };
  return (
    <div class="bar files">
      <Icon name="diff-multiple" tone="muted" />
      <span class="grow">
        {count(changes.files, "file")}{" "}
        {changes.net !== null && <Delta added={changes.net.added} removed={changes.net.removed} />}
      </span>
      <Link act={() => chat.host.command("review", ids)}>Review</Link>
      <Link act={() => chat.host.command("keepAll", ids)}>Keep all</Link>
      <Link act={() => chat.host.command("undoAll", ids)}>Undo all</Link>
    </div>
  );
}
