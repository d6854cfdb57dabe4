/** A sub-agent among the rows of who started it: a row, with its own rows inside. */
import type { JSX } from "preact";
import { askedOf } from "../../src/session/asking";
import { isOver } from "../../src/session/calls";
import type { CallItem, Session } from "../../src/session/model";
import { turns } from "../../src/session/model";
import { type Row as Line, rowsOf } from "../../src/session/rows";
import { count, dollars, seconds } from "../format";
import { brief, clipped, revealed } from "../markdown/reveal";
import { Said, useChat, useRunning } from "./basics";
import { Card } from "./card";
import { Row } from "./row";
import { Call } from "./work";

interface AgentProps {
  call: CallItem;
  depth: number;
  /** Shows a row of its session, at a depth. */
  line: (row: Line, session: Session, depth: number) => JSX.Element;
}

/** A sub-agent: what it was asked, what it came to; open, what it did. */
export function Agent({ call, depth, line }: AgentProps): JSX.Element {
  const chat = useChat();
  const agent = call.subagent;
  const elapsed = useRunning(!isOver(call), call.key);
  if (agent === null) return <Call call={call} />;
  const { finished, started } = agent;
  const child = chat.sessions.get(started.session_id);
  const calls = finished?.calls ?? child?.callCount ?? 0;
  const cost = finished?.cost ?? child?.cost ?? null;
  const waits = finished === null && child?.retry != null ? "waits for the model" : "";
  const meta = [count(calls, "call"), cost === null || cost === 0 ? "" : dollars(cost), waits]
    .filter((it) => it !== "")
    .join(" · ");
  const bad = finished !== null && finished.reason !== "end_turn";
  // What waits for a person stands there whether the row is open or not: of deeper ones, too, in the outermost.
  const asked =
    child === undefined || depth > 0 || finished !== null || isOver(call)
      ? []
      : askedOf(child, chat.sessions);
  const row = (
    <Row
      id={call.key}
      icon="agent"
      tone={bad ? "warn" : ""}
      onOpen={() => void chat.reading.look(started.session_id)}
      what={
        <>
          <strong>{brief(started.agent_type)}</strong> {brief(started.title)}
        </>
      }
      meta={finished === null && elapsed > 0 ? `${meta} · ${seconds(elapsed)}` : meta}
    >
      <div class="kids">
        {child !== undefined &&
          depth < 4 &&
          turns(child)
            .flatMap((turn) => rowsOf(turn, { foldReads: true }))
            .filter(({ kind }) => kind !== "prose" && kind !== "thought" && kind !== "card")
            .map((row) => line(row, child, depth + 1))}
        {call.content !== "" && (
          <Row id={`${call.key} result`} icon="comment" what={<Said text={firstLine(call.content)} />}>
            <pre class="tail wrapped" tabIndex={0} role="group" aria-label="What came back">
              {clipped(revealed(call.content))}
            </pre>
          </Row>
        )}
        {bad && finished.message !== "" && <p class="muted small">{brief(finished.message)}</p>}
      </div>
    </Row>
  );
  return (
    <>
      {row}
      {asked.map(({ sessionId, item }) => {
        const asker = chat.sessions.get(sessionId);
        return asker === undefined ? null : (
          <Card key={`${sessionId} ${item.key}`} item={item} session={asker} />
        );
      })}
    </>
  );
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
