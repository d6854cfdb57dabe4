/** The two lines above the composer: what happens now or waits, and the plan or what changed. */
import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { currentTurn, type Retry, type Session } from "../../src/session/model";
import { changedFiles } from "../../src/session/rows";
import { count, sentence } from "../format";
import { revealed } from "../markdown/reveal";
import { Delta, Icon, type IconName, Keys, Link, useChat, useRunning } from "./basics";
import { PlanList } from "./lines";
import type { Place } from "./log";

interface BarProps {
  icon: IconName;
  tone?: string;
  words: string;
  right?: JSX.Element | string | null;
}

function Bar({ icon, tone = "muted", words, right = null }: BarProps): JSX.Element {
  return (
    <div class="bar">
      <Icon name={icon} tone={icon === "loading" ? `${tone} spin` : tone} />
      <span class="grow">{words}</span>
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
      {chat.fault !== "" && <Bar icon="error" tone="bad" words={revealed(chat.fault)} />}
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
  if (status !== null && status.server !== "ready") return <Server />;
  if (session === null) return null;
  if (session.halted !== null)
    return (
      <Bar icon="error" tone="bad" words={revealed(`${session.halted.message} ${session.halted.mend}`)} />
    );
  const waits = session.questions.size;
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
  if (session.retry !== null) return <Retrying key={`${session.retry.attempt}`} retry={session.retry} />;
  const step = Math.max(session.live?.step ?? 0, turn.step, 1);
  const right = `step ${step}${elapsed > 0 ? ` · ${elapsed} s` : ""}`;
  return <Bar icon="loading" words={stageOf(session)} right={right} />;
}

function Server(): JSX.Element | null {
  const chat = useChat();
  const status = chat.status;
  if (status === null) return null;
  if (status.server === "failed" || status.server === "stopped") {
    return (
      <Bar
        icon="error"
        tone="bad"
        words={status.message === "" ? "The server is not running." : revealed(status.message)}
        right={
          <>
            <Link act={() => chat.host.command("restartServer", {})}>Restart</Link>
            <Link act={() => chat.host.command("showLog", {})}>Show log</Link>
          </>
        }
      />
    );
  }
  return (
    <Bar
      icon="loading"
      words={status.server === "restarting" ? "Restarting the server" : "Starting the server"}
    />
  );
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

/** *Offline. Next try in 12 s* · *3 of 6*: counted down while it is shown. */
function Retrying({ retry }: { retry: Retry }): JSX.Element {
  const [, again] = useReducer((it: number) => it + 1, 0);
  const began = useRef(performance.now());
  useEffect(() => {
    const timer = setInterval(again, 1_000, undefined);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Math.ceil(retry.seconds - (performance.now() - began.current) / 1_000));
  const words = `${revealed(retry.message).replace(/[.]?$/, ".")} ${left > 0 ? `Next try in ${left} s` : "Trying again"}`;
  return (
    <Bar
      icon="debug-disconnect"
      tone="bad"
      words={words}
      right={<span class="muted num wide">{`${retry.attempt} of ${retry.of}`}</span>}
    />
  );
}

/** Return what the agent is doing, in a few words. */
export function stageOf(session: Session): string {
  const agents = [...session.subagents.values()].filter((it) => it.subagent?.finished === null).length;
  if (agents > 0) return agents === 1 ? "1 agent working" : `${agents} agents working`;
  const checks = [...session.calls.values()].filter((it) => it.check !== "" && it.status !== "completed");
  if (checks.length > 0) return `Checking: ${checks.map((it) => revealed(it.check)).join(", ")}`;
  const live = session.live;
  if (live === null || live.stage === "") return "Working";
  if (live.stage === "running" && live.detail !== "")
    return `Running ${revealed(live.detail).replace(/\n/g, " ⏎ ")}`;
  return sentence(live.stage);
}

function Second({ session }: { session: Session }): JSX.Element | null {
  const chat = useChat();
  const [open, setOpen] = useState(false);
  const plan = session.plan;
  const changes = changedFiles(session.changes, session.undone, chat.review.get(session.id) ?? null);
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
          <span class="grow">{revealed(now?.text ?? "Plan")}</span>
          <span class="muted num">{`${Math.min(done + 1, plan.length)} of ${plan.length}`}</span>
        </button>
      </>
    );
  }
  if (changes.files === 0 || chat.busy || chat.readOnly) return null;
  const ids = { sessionId: session.id };
  return (
    <div class="bar">
      <Icon name="diff-multiple" tone="muted" />
      <span class="grow">
        {count(changes.files, "file")} <Delta added={changes.added} removed={changes.removed} />
      </span>
      <Link act={() => chat.host.command("review", ids)}>Review</Link>
      <Link act={() => chat.host.command("keepAll", ids)}>Keep all</Link>
      <Link act={() => chat.host.command("undoAll", ids)}>Undo all</Link>
    </div>
  );
}
