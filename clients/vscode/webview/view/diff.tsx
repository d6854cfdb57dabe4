/** A change as lines with + and −, hunk by hunk; each can be kept or undone. */
import type { JSX } from "preact";
import type { Change, Session } from "../../src/session/model";
import { count } from "../format";
import { brief } from "../markdown/reveal";
import { type Hunk, hunksOf, MOST_HUNKS, shownLines } from "../inside";
import { Link, useChat } from "./basics";

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
  const { changeId, path } = change;
  const ids = { sessionId: session.id, changeId, path, hunk: hunk.line };
  // What is left of the file is shown as before.
  const waits = !chat.hunks.isSettled(ids) && !undone && !chat.readOnly && chat.isLeft(session, change);
  // Only of a file's last change it is known where its lines are now.
  const last = session.changes.findLast((it) => it.path === path)?.changeId === changeId;
  const act = (command: "keep" | "undo"): void => {
    if (chat.hunks.begins(ids)) chat.host.command(command, { ...ids });
  };
  const shown = shownLines(hunk);
  const changed = [count(hunk.removed, "line") + " removed", `${hunk.added} added`].join(", ");
  return (
    <div class="codeblock">
      <div class="bar">
        <span class="name">{`line ${hunk.line}${hunk.where === "" ? "" : `, in ${brief(hunk.where.slice(0, 60))}`}`}</span>
        <Link act={open}>Open diff</Link>
        {waits && last && <Link act={() => act("keep")}>Keep</Link>}
        {waits && last && <Link act={() => act("undo")}>Undo</Link>}
      </div>
      <div class="diff" tabIndex={0} role="group" aria-label={`Change at line ${hunk.line}: ${changed}`}>
        {shown.map((line, place) => (
          <div key={place} class={line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : ""}>
            {line}
          </div>
        ))}
        {shown.length < hunk.lines.length && (
          <div class="muted">{`  ${count(hunk.lines.length - shown.length, "more line")}`}</div>
        )}
      </div>
    </div>
  );
}
