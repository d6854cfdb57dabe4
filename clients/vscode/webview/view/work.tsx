/** Rows of work: calls, reads, changes, sub-agents. */
import type { ComponentChildren, JSX } from "preact";
import { exitCode, isBad, readsTitle, rowsOf } from "../../src/session/rows";
import { isOver } from "../../src/session/calls";
import type { CallItem, Change, Session } from "../../src/session/model";
import { turns } from "../../src/session/model";
import { clock, count, dollars, nameAndFolder, seconds } from "../format";
import { clipped, revealed, tail } from "../markdown/reveal";
import { Delta, type IconName, Link, Said, useChat, useRunning } from "./basics";
import { Diff } from "./diff";
import { RowView } from "./lines";
import { Row } from "./row";

const LINES = 12;

const WORK_ICONS: Record<string, IconName> = {
  read: "search",
  search: "search",
  edit: "edit",
  delete: "trash",
  move: "edit",
  execute: "terminal",
  fetch: "globe",
  think: "lightbulb-empty",
};

export function Reads({ id, calls }: { id: string; calls: CallItem[] }): JSX.Element {
  const chat = useChat();
  const spent = calls.reduce((sum, it) => sum + it.seconds, 0);
  const [only] = calls;
  const path = calls.length === 1 && only?.work === "read" ? only.input["path"] : undefined;
  const target = typeof path === "string" ? () => chat.host.command("openFile", { path }) : null;
  return (
    <Row id={id} icon="search" what={<Said text={readsTitle(calls)} />} meta={seconds(spent)} target={target}>
      {calls.length === 1 && only !== undefined ? (
        <Inside call={only} />
      ) : (
        <div class="kids">
          {calls.map((it) => (
            <Call key={it.key} call={it} />
          ))}
        </div>
      )}
    </Row>
  );
}

export function Call({ call }: { call: CallItem }): JSX.Element {
  const running = !isOver(call);
  const elapsed = useRunning(running, call.key);
  const shell = call.command !== null;
  const words = call.title !== "" ? call.title : call.tool;
  const unknown = call.status === "unknown";
  const tone = unknown ? "warn" : call.status === "failed" || exitCode(call) > 0 ? "bad" : "";
  return (
    <Row
      id={call.key}
      icon={WORK_ICONS[call.work] ?? "tools"}
      tone={tone}
      opens={isBad(call) || (running && call.printed !== "")}
      what={
        shell ? (
          <span class="mono">{revealed(call.command ?? "").replace(/\n/g, " ⏎ ")}</span>
        ) : (
          <Said text={words} />
        )
      }
      meta={
        <>
          {running && <span class="sr">running</span>}
          {running ? seconds(elapsed) : howItWent(call)}
        </>
      }
    >
      <Inside call={call} />
    </Row>
  );
}

function howItWent(call: CallItem): string {
  const code = exitCode(call);
  if (call.status === "completed") return code !== 0 ? `exit ${code}` : seconds(call.seconds);
  return (
    {
      unknown: "outcome unknown",
      not_run: "not run",
      denied: "denied",
      cancelled: "cancelled",
      failed: "failed",
    }[call.status as string] ?? call.status
  );
}

/** What a row shows when it is open: input, output, who decided, when. */
function Inside({ call }: { call: CallItem }): JSX.Element {
  const chat = useChat();
  const output = isOver(call) && call.content !== "" ? call.content : call.printed;
  const { text, before } = tail(clipped(revealed(output)), LINES);
  const input = Object.entries(call.input).filter(([name, it]) => name !== "command" && isShort(it));
  const at = clock(call.decision?.at ?? null);
  const all = (): void => chat.host.command("openOutput", { title: call.title || call.tool, text: output });
  return (
    <div class="inside">
      {input.length > 0 && (
        <dl class="fact small">
          {input.map(([name, it]) => (
            <>
              <dt>{revealed(name)}</dt>
              <dd class="mono">{revealed(String(it)).slice(0, 400)}</dd>
            </>
          ))}
        </dl>
      )}
      {text !== "" && <pre class="tail">{text}</pre>}
      <p class="under" hidden={!isOver(call)}>
        {before > 0 && <Link act={all}>Open output</Link>}
        {call.decision !== null && <span>{decisionOf(call)}</span>}
        {at !== "" && <span class="num">{at}</span>}
      </p>
    </div>
  );
}

function decisionOf(call: CallItem): ComponentChildren {
  const it = call.decision;
  if (it === null) return "";
  const verb = it.decision === "allow" ? "Allowed" : "Denied";
  if (it.by === "person") return `${verb} by you`;
  if (it.rule === "") return it.why === "" ? verb : `${verb}: ${revealed(it.why)}`;
  return (
    <>
      {verb} by <code>{revealed(it.rule)}</code>
      {it.source !== "" && `, ${revealed(it.source)}`}
    </>
  );
}

function isShort(value: unknown): value is string | number | boolean {
  return (
    ["number", "boolean"].includes(typeof value) ||
    (typeof value === "string" && value.length < 400 && value !== "")
  );
}

/** A file that was changed. */
export function ChangeRow({
  id,
  call,
  change,
  session,
}: {
  id: string;
  call: CallItem;
  change: Change;
  session: Session;
}): JSX.Element {
  const chat = useChat();
  const { name, folder } = nameAndFolder(change.path, session.roots);
  const from = change.renamedFrom === null ? null : nameAndFolder(change.renamedFrom, session.roots).name;
  const undone = session.undone.has(change.changeId);
  const { changeId, path } = change;
  const diff = (): void => chat.host.command("openDiff", { sessionId: session.id, changeId, path });
  const where = call.settled ? (change.where === "buffer" ? "in the buffer" : "on disk") : "";
  const word = change.doubtful
    ? "outcome unknown"
    : undone
      ? "undone"
      : [wordOf(change, from), where].filter((it) => it !== "").join(", ");
  return (
    <Row
      id={id}
      icon={change.what === "created" ? "new-file" : change.what === "deleted" ? "trash" : "edit"}
      tone={change.doubtful ? "warn" : ""}
      target={diff}
      what={
        <>
          <b>{revealed(name)}</b>
          {folder !== "" && <span class="dir">{revealed(folder)}</span>}
        </>
      }
      meta={
        <>
          {word !== "" && <span>{revealed(word)}</span>}
          <Delta added={change.added} removed={change.removed} />
        </>
      }
    >
      <Diff change={change} session={session} undone={undone} open={diff} />
    </Row>
  );
}

function wordOf(change: Change, from: string | null): string {
  if (change.what === "renamed" && from !== null) return `renamed from ${from}`;
  return change.what === "deleted" ? "deleted" : "";
}

/** A sub-agent: what it was asked, what it came to; open, what it did. */
export function Agent({ call, depth }: { call: CallItem; depth: number }): JSX.Element {
  const chat = useChat();
  const agent = call.subagent;
  const elapsed = useRunning(!isOver(call), call.key);
  if (agent === null) return <Call call={call} />;
  const { finished, started } = agent;
  const child = chat.sessions.get(started.session_id);
  const calls = finished?.calls ?? child?.callCount ?? 0;
  const cost = finished?.cost ?? child?.cost ?? null;
  const meta = [count(calls, "call"), cost === null || cost === 0 ? "" : dollars(cost)]
    .filter((it) => it !== "")
    .join(" · ");
  const bad = finished !== null && finished.reason !== "end_turn";
  return (
    <Row
      id={call.key}
      icon="agent"
      tone={bad ? "warn" : ""}
      onOpen={() => void chat.look(started.session_id)}
      what={
        <>
          <strong>{revealed(started.agent_type)}</strong> {revealed(started.title)}
        </>
      }
      meta={finished === null && elapsed > 0 ? `${meta} · ${seconds(elapsed)}` : meta}
    >
      <div class="kids">
        {child !== undefined &&
          depth < 4 &&
          turns(child)
            .flatMap((turn) => rowsOf(turn, { foldReads: true }))
            .filter((row) => row.kind !== "prose" && row.kind !== "thought")
            .map((row) => <RowView key={row.key} row={row} session={child} depth={depth + 1} />)}
        {call.content !== "" && (
          <Row id={`${call.key} result`} icon="comment" what={<Said text={firstLine(call.content)} />}>
            <pre class="tail wrapped">{clipped(revealed(call.content))}</pre>
          </Row>
        )}
        {bad && finished.message !== "" && <p class="muted small">{revealed(finished.message)}</p>}
      </div>
    </Row>
  );
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
