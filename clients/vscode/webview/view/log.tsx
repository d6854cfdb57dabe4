/**
 * The conversation. Lines stand in pieces of a dozen; those that are far from what is seen are an empty box of their height.
 *
 * It follows what comes while its end is in sight, and otherwise stays where it is.
 */
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Row, rowsOf } from "../../src/session/rows";
import type { Session, Turn } from "../../src/session/model";
import { count } from "../format";
import { type Chat } from "../chat";
import { useChat } from "./basics";
import { RowView } from "./lines";
import { Prompt } from "./prompt";
import { goAlongRows, goToTurn } from "./walking";

type Shown =
  | { kind: "prompt"; key: string; rev: number; turn: Turn }
  | { kind: "folded"; key: string; rev: number; turn: Turn; rows: number }
  | { kind: "row"; key: string; rev: number; row: Row; turnId: string };

const IN_PIECE = 12;
/** How much of a piece's height is guessed for each line until it was seen. */
const LINE = 32;
/** Turns that are shown whole; older ones are their prompt and their verdict until somebody opens them. */
const WHOLE_TURNS = 12;
const NEAR_END = 24;

const cache = new WeakMap<Turn, { rev: number; fold: boolean; rows: Row[] }>();

function rowsFor(turn: Turn, foldReads: boolean): Row[] {
  const known = cache.get(turn);
  if (known?.rev === turn.rev && known.fold === foldReads) return known.rows;
  const rows = rowsOf(turn, { foldReads });
  cache.set(turn, { rev: turn.rev, fold: foldReads, rows });
  return rows;
}

/** Return all lines of a session in order. */
export function linesOf(session: Session, chat: Chat): Shown[] {
  const fold = chat.settings?.foldReads ?? true;
  const lines: Shown[] = [];
  const entries = session.entries;
  const isTurn = entries.filter((it) => it.kind === "turn" && it.routed);
  const whole = new Set(isTurn.slice(-WHOLE_TURNS));
  for (const entry of entries) {
    if (entry.kind === "divider") {
      lines.push({
        kind: "row",
        key: entry.key,
        rev: entry.rev,
        row: { kind: "divider", key: entry.key, rev: entry.rev, item: entry },
        turnId: "",
      });
      continue;
    }
    // What waits for its start stands with the composer.
    if (!entry.routed && isTurn.length > 0 && entry.ended === null) continue;
    lines.push({ kind: "prompt", key: entry.key, rev: entry.ended === null ? 0 : 1, turn: entry });
    const rows = rowsFor(entry, fold);
    const folds =
      !whole.has(entry) && chat.isOpen(entry.key) !== true && entry.ended !== null && rows.length > 3;
    if (folds)
      lines.push({
        kind: "folded",
        key: `${entry.key} folded`,
        rev: entry.rev,
        turn: entry,
        rows: rows.length,
      });
    for (const row of rows) {
      if (folds && row.kind !== "verdict") continue;
      lines.push({ kind: "row", key: row.key, rev: row.rev, row, turnId: entry.id });
    }
  }
  return lines;
}

export function Log({
  session,
  onPlace,
}: {
  session: Session;
  onPlace: (place: Place) => void;
}): JSX.Element {
  const chat = useChat();
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(chat.kept.fromEnd === 0);
  const lines = linesOf(session, chat);
  const pieces: Shown[][] = [];
  for (let at = 0; at < lines.length; at += IN_PIECE) pieces.push(lines.slice(at, at + IN_PIECE));
  const look = useCallback(() => {
    const log = box.current;
    if (log === null) return;
    const fromEnd = log.scrollHeight - log.scrollTop - log.clientHeight;
    follows.current = fromEnd < NEAR_END;
    const kept = follows.current ? 0 : fromEnd;
    if (Math.abs(chat.kept.fromEnd - kept) > 200 || (kept === 0) !== (chat.kept.fromEnd === 0))
      chat.keep({ fromEnd: kept });
    onPlace({ atEnd: follows.current, turnId: turnAbove(log), card: cardInSight(log) });
  }, [session]);
  useLayoutEffect(() => {
    const log = box.current;
    if (log !== null && follows.current) log.scrollTop = log.scrollHeight;
  });
  useEffect(() => {
    const log = box.current;
    if (log !== null && chat.kept.fromEnd > 0)
      log.scrollTop = log.scrollHeight - log.clientHeight - chat.kept.fromEnd;
    else follows.current = true;
    const follow = (): void => {
      if (log !== null && follows.current) log.scrollTop = log.scrollHeight;
      look();
    };
    const sizes = new ResizeObserver(follow);
    if (log !== null) sizes.observe(log);
    if (log?.firstElementChild != null) sizes.observe(log.firstElementChild);
    return () => sizes.disconnect();
  }, [session.id]);
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey && (event.key === "ArrowUp" || event.key === "ArrowDown"))
      goToTurn(box.current, event.key === "ArrowUp" ? -1 : 1);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (!goAlongRows(box.current, event.target, event.key === "ArrowUp" ? -1 : 1)) return;
    } else return;
    event.preventDefault();
  };
  return (
    <div
      class="talk"
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label="Conversation"
      ref={box}
      onScroll={look}
      onKeyDown={key}
    >
      <div class="pieces">
        {pieces.map((piece, place) => (
          <Piece
            key={place}
            lines={piece}
            session={session}
            last={place >= pieces.length - 2}
            foldReads={chat.settings?.foldReads ?? true}
            may={!chat.busy && !chat.readOnly}
          />
        ))}
      </div>
    </div>
  );
}

export interface Place {
  atEnd: boolean;
  /** The turn whose prompt is out of sight above. */
  turnId: string | null;
  /** Whether a card that waits is in sight. */
  card: boolean;
}

interface PieceProps {
  lines: Shown[];
  session: Session;
  last: boolean;
  foldReads: boolean;
  /** Whether prompts can be gone back to: they say so themselves. */
  may: boolean;
}

const Piece = memo(
  function Piece({ lines, session, last }: PieceProps): JSX.Element {
    const box = useRef<HTMLDivElement>(null);
    const height = useRef(lines.length * LINE);
    const [near, setNear] = useState(last);
    useEffect(() => {
      const piece = box.current;
      if (piece === null) return undefined;
      const watch = new IntersectionObserver(
        ([entry]) => {
          if (entry === undefined) return;
          if (!entry.isIntersecting) height.current = entry.boundingClientRect.height || height.current;
          // What has the focus stays, wherever it is.
          setNear(entry.isIntersecting || piece.contains(document.activeElement));
        },
        { root: piece.closest(".talk"), rootMargin: "1200px 0px" },
      );
      watch.observe(piece);
      return () => watch.disconnect();
    }, []);
    const shown = near || last;
    return (
      <div class="piece" ref={box} style={shown ? undefined : { height: `${height.current}px` }}>
        {shown && lines.map((it) => <Entry key={it.key} line={it} session={session} />)}
      </div>
    );
  },
  (before, after) =>
    before.session === after.session &&
    before.last === after.last &&
    before.foldReads === after.foldReads &&
    before.may === after.may &&
    before.lines.length === after.lines.length &&
    before.lines.every((it, place) => same(it, after.lines[place])),
);

function same(one: Shown, other: Shown | undefined): boolean {
  if (one.kind === "row" && one.row.kind === "agent") return false;
  return one.key === other?.key && one.rev === other.rev && one.kind === other.kind;
}

function Entry({ line, session }: { line: Shown; session: Session }): JSX.Element {
  const chat = useChat();
  if (line.kind === "prompt") {
    return (
      <div class="entry" data-turn={line.turn.id}>
        <Prompt turn={line.turn} session={session} />
      </div>
    );
  }
  if (line.kind === "folded") {
    return (
      <div class="entry" data-turn={line.turn.id}>
        <button
          type="button"
          class="lk fold"
          onClick={() => chat.keep({ open: { ...chat.kept.open, [line.turn.key]: true } })}
        >
          {`Show ${count(line.rows, "line")}`}
        </button>
      </div>
    );
  }
  return (
    <div class={`entry ${line.row.kind}`} data-turn={line.turnId}>
      <RowView row={line.row} session={session} />
    </div>
  );
}

function turnAbove(log: HTMLElement): string | null {
  const top = log.getBoundingClientRect().top;
  for (const entry of log.querySelectorAll<HTMLElement>(".entry")) {
    const box = entry.getBoundingClientRect();
    if (box.bottom <= top + 4) continue;
    const isPrompt = entry.querySelector("[data-prompt]") !== null;
    return isPrompt && box.top >= top - box.height + 8 ? null : (entry.dataset["turn"] ?? null);
  }
  return null;
}

function cardInSight(log: HTMLElement): boolean {
  const view = log.getBoundingClientRect();
  return [...log.querySelectorAll("[data-card]")].some((it) => {
    const box = it.getBoundingClientRect();
    return box.top < view.bottom - 24 && box.bottom > view.top + 24;
  });
}
