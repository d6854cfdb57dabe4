/** How much of the model's window and of the money is used; open, in figures. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Session } from "../../src/session/model";
import { dollars, tokens } from "../format";
import { Link, useChat } from "./basics";

export interface Measured {
  used: number;
  cached: number;
  window: number;
  /** The session's US dollars; null where they are not known. */
  cost: number | null;
  sessionMost: number | null;
  day: number | null;
  dayMost: number | null;
  next: { tokens: number; cost: number | null } | null;
  /** The largest part of window or money that is used, of 1. */
  part: number;
}

/** Measure a session by what the last call of the model said. */
export function measured(session: Session): Measured {
  const { lastUsage: usage, lastCall: call } = session;
  const cached = usage?.cache_read ?? 0;
  const used = usage === null ? 0 : usage.input + usage.cache_read + usage.cache_write + usage.output;
  const window = call?.projection.window ?? 0;
  const balance = (scope: string) => call?.balances.find((it) => it.scope === scope);
  const sessionMost = balance("session")?.most.cost ?? null;
  const day = balance("day");
  const own = call?.cost ?? 0;
  const dayCost = day === undefined ? null : day.spent.nano / 1e9 + own;
  const next = call?.open === true ? { tokens: call.projection.input, cost: call.projection.cost } : null;
  const parts = [
    window > 0 ? used / window : 0,
    sessionMost !== null && session.cost !== null ? session.cost / sessionMost : 0,
    day?.most.cost != null && dayCost !== null ? dayCost / day.most.cost : 0,
  ];
  return {
    used,
    cached,
    window,
    cost: session.cost,
    sessionMost,
    day: dayCost,
    dayMost: day?.most.cost ?? null,
    next,
    part: Math.max(...parts),
  };
}

const ROUND = 2 * Math.PI * 6;

export function Meter({
  session,
  open,
  toggle,
}: {
  session: Session | null;
  open: boolean;
  toggle: () => void;
}): JSX.Element {
  const chat = useChat();
  const key = chat.status?.key;
  if (key === "missing")
    return (
      <Face
        words="No key"
        said="No key: nothing can be sent."
        part={0}
        act={() => chat.host.command("setKey", {})}
      />
    );
  if (session === null || session.lastUsage === null) {
    return <Face words="0" said="Context: nothing used yet." part={0} open={open} act={toggle} />;
  }
  const it = measured(session);
  const warn =
    it.part >= (chat.settings?.warnAt ?? 0.8) ||
    [...session.questions.values()].some((q) => q.question.kind === "halt");
  const window = it.window > 0 ? it.used / it.window : 0;
  const money = it.cost === null ? "cost unknown" : dollars(it.cost);
  const limit = it.sessionMost === null ? " this session" : ` of ${dollars(it.sessionMost)}`;
  const said = `Context ${Math.round(window * 100)} % used, ${money}${it.cost === null ? "" : limit}.`;
  const words = it.cost === null ? tokens(it.used) : `${tokens(it.used)} · ${dollars(it.cost)}`;
  return <Face words={words} said={said} part={window} warn={warn} open={open} act={toggle} />;
}

function Face(props: {
  words: string;
  said: string;
  part: number;
  warn?: boolean;
  open?: boolean;
  act: () => void;
}): JSX.Element {
  const shown = Math.min(1, Math.max(0, props.part)) * ROUND;
  return (
    <button
      type="button"
      class={`meter num ${props.warn === true ? "warn" : ""}`}
      aria-expanded={props.open}
      onClick={props.act}
    >
      <span class="sr">{props.said} </span>
      <svg class="ring" viewBox="0 0 16 16" aria-hidden="true">
        <circle class="bg" cx="8" cy="8" r="6" />
        {shown > 0 && (
          <circle
            class="fg"
            cx="8"
            cy="8"
            r="6"
            stroke-dasharray={`${shown.toFixed(1)} ${ROUND.toFixed(1)}`}
          />
        )}
      </svg>
      <span aria-hidden="true">{props.words}</span>
    </button>
  );
}

export function ContextCard({ session, close }: { session: Session; close: () => void }): JSX.Element {
  const chat = useChat();
  const box = useRef<HTMLDivElement>(null);
  const it = measured(session);
  const percent = (part: number): string =>
    `${Math.min(100, Math.max(0, (part / Math.max(1, it.window)) * 100)).toFixed(1)}%`;
  useEffect(() => {
    const leave = (event: PointerEvent): void => {
      if (event.target instanceof Element && !event.target.closest(".pop, .meter")) close();
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, []);
  const ids = { sessionId: session.id };
  const rows: [string, string, string][] = [
    ["Used", it.window > 0 ? `${tokens(it.used)} of ${tokens(it.window)}` : tokens(it.used), ""],
    [
      "From cache",
      it.used > 0 ? `${tokens(it.cached)}, ${Math.round((it.cached / it.used) * 100)} %` : "0",
      "",
    ],
  ];
  if (it.next !== null)
    rows.push([
      "Next call",
      `${tokens(it.next.tokens)}${it.next.cost === null ? "" : `, about ${dollars(it.next.cost)}`}`,
      "warn",
    ]);
  const of = (most: number | null): string => (most === null ? "" : ` of ${dollars(most)}`);
  rows.push(["Session", it.cost === null ? "price unknown" : `${dollars(it.cost)}${of(it.sessionMost)}`, ""]);
  if (it.day !== null) rows.push(["Today", `${dollars(it.day)}${of(it.dayMost)}`, ""]);
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return (
    <div class="pop" role="group" aria-label="Context and cost" ref={box} onKeyDown={key}>
      <h3>Context</h3>
      <div class="gauge" aria-hidden="true">
        <i class="c" style={{ width: percent(it.cached) }} />
        <i style={{ width: percent(it.used - it.cached) }} />
        {it.next !== null && <i class="n" style={{ width: percent(it.next.tokens - it.used) }} />}
      </div>
      <dl class="sums num">
        {rows.map(([name, text, tone]) => (
          <>
            <dt>{name}</dt>
            <dd class={tone}>{text}</dd>
          </>
        ))}
      </dl>
      <p class="under">
        <Link act={() => void chat.tell(() => chat.host.request("postil.server.session.compact", ids))}>
          Compact now
        </Link>
        <Link act={() => chat.host.command("changeLimits", {})}>Change limits</Link>
      </p>
    </div>
  );
}
