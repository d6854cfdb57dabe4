/** Rows of work: calls, reads, changes. */
import type { ComponentChildren, JSX } from "preact";
import { exitCode, isBad, readsTitle } from "../../src/session/rows";
import { isOver } from "../../src/session/calls";
import type { CallItem, Change, Session } from "../../src/session/model";
import { clock, nameAndFolder, seconds } from "../format";
import { inputsOf, outputOf, shownOutput } from "../inside";
import { brief } from "../markdown/reveal";
import { Delta, type IconName, Link, Said, useChat, useRunning } from "./basics";
import { Diff } from "./diff";
import { Row } from "./row";

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
          <span class="mono">{brief(call.command ?? "").replace(/\n/g, " ⏎ ")}</span>
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
  const { text, before } = shownOutput(call);
  const input = inputsOf(call);
  const at = clock(call.decision?.at ?? null);
  const all = (): void =>
    chat.host.command("openOutput", { title: call.title || call.tool, text: outputOf(call) });
  return (
    <div class="inside">
      {input.length > 0 && (
        <dl class="fact small">
          {input.map(([name, it]) => (
            <>
              <dt>{name}</dt>
              <dd class="mono">{it}</dd>
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
  if (it.rule === "") return it.why === "" ? verb : `${verb}: ${brief(it.why)}`;
  return (
    <>
      {verb} by <code>{brief(it.rule)}</code>
      {it.source !== "" && `, ${brief(it.source)}`}
    </>
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
          <b>{brief(name)}</b>
          {folder !== "" && <span class="dir">{brief(folder)}</span>}
        </>
      }
      meta={
        <>
          {word !== "" && <span>{brief(word)}</span>}
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
