/** Any line of a turn, painted again only when it changed. */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import type { Row as Line } from "../../src/session/rows";
import type {
  DividerItem,
  NoteItem,
  PlanItem,
  QuestionItem,
  Session,
  ThinkingItem,
} from "../../src/session/model";
import { actedIn, clock, tokens } from "../format";
import { brief, clipped, revealed } from "../markdown/reveal";
import { Agent } from "./agent";
import { type IconName, Icon, Link, Said, useChat, useRunning } from "./basics";
import { Card } from "./card";
import { Joined } from "./prompt";
import { Prose } from "./prose";
import { Fixed, Row } from "./row";
import { Verdict } from "./verdict";
import { Call, ChangeRow, Reads } from "./work";

interface LineProps {
  row: Line;
  session: Session;
  depth?: number;
}

const rowAt = (row: Line, session: Session, depth: number): JSX.Element => (
  <RowView key={row.key} row={row} session={session} depth={depth} />
);

export const RowView = memo(
  function RowView({ row, session, depth = 0 }: LineProps): JSX.Element {
    switch (row.kind) {
      case "prose":
        return <Prose text={row.item.text} live={row.item.live} />;
      case "thought":
        return <Thought item={row.item} />;
      case "reads":
        return <Reads id={row.key} calls={row.calls} />;
      case "call":
        return <Call call={row.call} />;
      case "change":
        return <ChangeRow id={row.key} call={row.call} change={row.change} session={session} />;
      case "agent":
        return <Agent call={row.call} depth={depth} line={rowAt} />;
      case "card":
        return <Card item={row.item} session={session} />;
      case "answered":
        return <Answered item={row.item} />;
      case "verdict":
        return <Verdict item={row.item} />;
      case "plan":
        return <Plan item={row.item} expects={row.expects} />;
      case "note":
        return <Note item={row.item} />;
      case "said":
        return <Joined prompt={row.item.prompt} />;
      case "divider":
        return <Divider item={row.item} session={session} />;
    }
  },
  // A sub-agent's rows are in another session, which has its own count; a card is answered where the session is written.
  (before, after) =>
    before.row.key === after.row.key &&
    before.row.rev === after.row.rev &&
    before.row.kind === after.row.kind &&
    after.row.kind !== "agent" &&
    after.row.kind !== "card",
);

function Thought({ item }: { item: ThinkingItem }): JSX.Element {
  const chat = useChat();
  const elapsed = useRunning(item.live, item.key);
  const folded = chat.settings?.foldThinking ?? true;
  return (
    <Row
      id={item.key}
      icon="lightbulb-empty"
      opens={!folded}
      what={item.live ? "Thinking" : "Thought"}
      meta={elapsed > 0 ? `${elapsed} s` : ""}
    >
      <pre class="tail wrapped" tabIndex={0} role="group" aria-label="What was thought">
        {clipped(revealed(item.text))}
      </pre>
    </Row>
  );
}

/** A question that was answered is one line. */
function Answered({ item }: { item: QuestionItem }): JSX.Element {
  const answer = item.answer;
  if (answer === null) return <></>;
  const option = item.question.options.find((it) => it.id === answer.optionId);
  const words: Record<string, string> = {
    allow_once: "Allowed once",
    allow_session: "Allowed for this session",
    allow_always: "Always allowed",
    reject_once: "Denied",
    reject_with_reason: "Denied",
  };
  const title = words[option?.kind ?? ""] ?? (answer.title === "" ? "Answered" : brief(answer.title));
  const about =
    item.question.kind === "permission"
      ? item.question.short || item.question.subject
      : answer.text === ""
        ? item.question.subject
        : answer.text;
  const where = actedIn(answer.face);
  const denied = option?.kind.startsWith("reject") === true;
  const icon: IconName = denied ? "circle-slash" : "pass";
  return (
    <Row
      id={item.key}
      icon={icon}
      what={
        <>
          {title}
          {about !== "" && ": "}
          <b class={item.question.kind === "permission" && !item.question.short ? "mono" : ""}>
            {brief(about).replace(/\n/g, " ⏎ ")}
          </b>
        </>
      }
      meta={`you${where}${clock(answer.at) === "" ? "" : `, ${clock(answer.at)}`}`}
    >
      <div class="inside">
        {item.question.subject !== "" && (
          <pre class="tail wrapped" tabIndex={0} role="group" aria-label="What was asked about">
            {clipped(revealed(item.question.subject))}
          </pre>
        )}
        {answer.text !== "" && <p class="under">{brief(answer.text)}</p>}
      </div>
    </Row>
  );
}

export const PLAN_ICONS: Record<string, IconName> = {
  pending: "circle-large",
  in_progress: "arrow-right",
  completed: "check",
  cancelled: "circle-slash",
};

function Plan({ item, expects }: { item: PlanItem; expects: boolean }): JSX.Element {
  const done = item.items.filter((it) => it.status === "completed").length;
  return (
    <Row id={item.key} icon="checklist" what="Plan" meta={`${done} of ${item.items.length}`}>
      <PlanList items={item.items} expects={expects} />
    </Row>
  );
}

/** The items; those that are done say *no evidence* where there should be some. */
export function PlanList({
  items,
  expects = false,
}: {
  items: PlanItem["items"];
  expects?: boolean;
}): JSX.Element {
  return (
    <ul class="kids">
      {items.map((it, place) => (
        <li key={place}>
          <Fixed
            icon={PLAN_ICONS[it.status] ?? "circle-large"}
            what={
              <>
                <span class="sr">{it.status.replace("_", " ")}: </span>
                <Said text={it.text} />
              </>
            }
            meta={
              it.status !== "completed"
                ? ""
                : it.evidence !== ""
                  ? brief(it.evidence)
                  : expects
                    ? "no evidence"
                    : ""
            }
          />
        </li>
      ))}
    </ul>
  );
}

function Note({ item }: { item: NoteItem }): JSX.Element {
  const error = item.level === "error";
  return (
    <div class="row wrap">
      <span class="mark">
        <Icon name={error ? "error" : "info"} tone={error ? "bad" : ""} />
      </span>
      <span class="what">
        <b>{brief(item.text)}</b> {brief(item.mend)}
      </span>
      <span class="meta" />
    </div>
  );
}

function Divider({ item, session }: { item: DividerItem; session: Session }): JSX.Element {
  const chat = useChat();
  const at = clock(item.at);
  const [before = "", after = ""] = item.words.split(" ");
  if (item.what === "compacted") {
    return (
      <div class="sep">
        <span>
          Compacted: {tokens(Number(before))} to {tokens(Number(after))}.{" "}
          <Link
            act={() =>
              void chat.tell(() => chat.host.request("postil.server.session.kept", { sessionId: session.id }))
            }
          >
            What was kept
          </Link>
        </span>
      </div>
    );
  }
  const words = {
    restarted: `Server restarted ${at}`.trim(),
    rewound: "Rewound",
    repaired: "Record repaired",
    compacting: "Compacting",
  }[item.what];
  return (
    <>
      <div class="sep">
        <span>{words}</span>
      </div>
      <p class="muted after">{detailOf(item)}</p>
    </>
  );
}

function detailOf(item: DividerItem): string {
  if (item.what === "restarted") {
    const why = item.detail === "" ? "" : `${sentenceOf(item.detail)} `;
    return `${why}Everything up to then is here. Nothing was run again.`;
  }
  if (item.what === "rewound")
    return `To before: ${brief(item.words)}${item.detail === "" ? "" : `\nLeft as they are: ${brief(item.detail)}`}`;
  if (item.what === "repaired")
    return item.detail === ""
      ? "The end of the record could not be read."
      : `What may have happened and is not on record:\n${brief(item.detail)}`;
  return "";
}

function sentenceOf(text: string): string {
  const shown = brief(text.trim());
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}${/[.!?]$/.test(shown) ? "" : "."}`;
}
