/** A change as lines with + and −, hunk by hunk; each can be kept or undone. */
import type { JSX } from "preact";
import type { Change, Session } from "../../src/session/model";
import { count } from "../format";
import { clipped, revealed } from "../markdown/reveal";
import { Link, useChat } from "./basics";

const MOST_LINES = 12;
const MOST_HUNKS = 20;

export interface Hunk {
  line: number;
  where: string;
  lines: string[];
  added: number;
  removed: number;
}

/** Read a unified diff. */
export function hunksOf(diff: string): Hunk[] {
  const hunks: Hunk[] = [];
  for (const line of diff.split("\n")) {
    const head = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(line);
    if (head !== null) {
      hunks.push({ line: Number(head[1]), where: head[2] ?? "", lines: [], added: 0, removed: 0 });
      continue;
    }
    const hunk = hunks.at(-1);
    if (hunk === undefined || !/^[-+ ]/.test(line)) continue;
    hunk.lines.push(line);
    if (line.startsWith("+")) hunk.added += 1;
    if (line.startsWith("-")) hunk.removed += 1;
  }
  return hunks;
}

interface DiffProps {
  change: Change;
  session: Session;
  undone: boolean;
  open: () => void;
}

export function Diff({ change, session, undone, open }: DiffProps): JSX.Element {
  const hunks = hunksOf(change.diff);
  if (hunks.length === 0) {
    return (
      <p class="under inside">
        <Link act={open}>Open diff</Link>
      </p>
    );
  }
  return (
    <div class="hunks">
      {hunks.slice(0, MOST_HUNKS).map((hunk, number) => (
        <HunkView key={number} {...{ hunk, number, change, session, undone, open }} />
      ))}
      {hunks.length > MOST_HUNKS && <Link act={open}>{`Open all ${hunks.length} hunks`}</Link>}
    </div>
  );
}

function HunkView({ hunk, number, change, session, undone, open }: DiffProps & { hunk: Hunk; number: number }): JSX.Element {
  const chat = useChat();
  const reviewed = chat.review.get(session.id);
  const { changeId, path } = change;
  const waits = !undone && (reviewed === undefined || reviewed.some((it) => it.changeId === changeId && it.path === path));
  const act = (command: "keep" | "undo"): void =>
    chat.host.command(command, { sessionId: session.id, changeId, path, hunk: number });
  const shown = shortened(hunk.lines);
  const changed = [count(hunk.removed, "line") + " removed", `${hunk.added} added`].join(", ");
  return (
    <div class="codeblock">
      <div class="bar">
        <span class="name">{`line ${hunk.line}${hunk.where === "" ? "" : `, in ${revealed(hunk.where).slice(0, 60)}`}`}</span>
        <Link act={open}>Open diff</Link>
        {waits && <Link act={() => act("keep")}>Keep</Link>}
        {waits && <Link act={() => act("undo")}>Undo</Link>}
      </div>
      <div class="diff" tabIndex={0} role="group" aria-label={`Change at line ${hunk.line}: ${changed}`}>
        {shown.map((line, place) => (
          <div key={place} class={line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : ""}>
            {`${line.slice(0, 1)} ${clipped(revealed(line.slice(1)), 400)}`}
          </div>
        ))}
        {shown.length < hunk.lines.length && <div class="muted">{`  ${count(hunk.lines.length - shown.length, "more line")}`}</div>}
      </div>
    </div>
  );
}

/** Leave out what stands around the change first. */
function shortened(lines: string[]): string[] {
  if (lines.length <= MOST_LINES) return lines;
  const first = lines.findIndex((it) => !it.startsWith(" "));
  return lines.slice(Math.max(0, first - 1)).slice(0, MOST_LINES);
}
