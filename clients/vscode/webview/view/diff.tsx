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

/** Lines that stand around a change. */
const AROUND = 3;

/** Read a unified diff: each run of changed lines is a hunk by itself, as it can be kept or undone by itself. */
export function hunksOf(diff: string): Hunk[] {
  const hunks: Hunk[] = [];
  let line = -1;
  let where = "";
  let around: string[] = [];
  let open: Hunk | null = null;
  for (const text of diff.split("\n")) {
    const head = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(text);
    if (head !== null) {
      [line, where, around, open] = [Number(head[1]), head[2] ?? "", [], null];
    } else if (line < 0) {
      continue;
    } else if (/^[-+]/.test(text)) {
      if (open === null) {
        open = { line, where, lines: around.slice(-AROUND), added: 0, removed: 0 };
        hunks.push(open);
      }
      open.lines.push(text);
      if (text.startsWith("+")) [open.added, line] = [open.added + 1, line + 1];
      else open.removed += 1;
    } else if (text.startsWith(" ")) {
      if (open !== null) [around, open] = [[], null];
      around.push(text);
      line += 1;
      const last = hunks.at(-1);
      if (last !== undefined && around.length <= AROUND && line - around.length === last.line + last.added)
        last.lines.push(text);
    }
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

function HunkView({ hunk, change, session, undone, open }: DiffProps & { hunk: Hunk }): JSX.Element {
  const chat = useChat();
  const reviewed = chat.review.get(session.id);
  const { changeId, path } = change;
  const waits =
    !undone &&
    (reviewed === undefined || reviewed.some((it) => it.changeId === changeId && it.path === path));
  // Only of a file's last change it is known where its lines are now.
  const last = session.changes.findLast((it) => it.path === path)?.changeId === changeId;
  const act = (command: "keep" | "undo"): void =>
    chat.host.command(command, { sessionId: session.id, changeId, path, hunk: hunk.line });
  const shown = shortened(hunk.lines);
  const changed = [count(hunk.removed, "line") + " removed", `${hunk.added} added`].join(", ");
  return (
    <div class="codeblock">
      <div class="bar">
        <span class="name">{`line ${hunk.line}${hunk.where === "" ? "" : `, in ${revealed(hunk.where).slice(0, 60)}`}`}</span>
        <Link act={open}>Open diff</Link>
        {waits && last && <Link act={() => act("keep")}>Keep</Link>}
        {waits && last && <Link act={() => act("undo")}>Undo</Link>}
      </div>
      <div class="diff" tabIndex={0} role="group" aria-label={`Change at line ${hunk.line}: ${changed}`}>
        {shown.map((line, place) => (
          <div key={place} class={line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : ""}>
            {`${line.slice(0, 1)} ${clipped(revealed(line.slice(1)), 400)}`}
          </div>
        ))}
        {shown.length < hunk.lines.length && (
          <div class="muted">{`  ${count(hunk.lines.length - shown.length, "more line")}`}</div>
        )}
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
