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
import { stands } from "../find/entries";
import { useChat } from "./basics";
import { follows as followsAfter, fromEnd, piecesOf, placeToFollow, type Scrolled } from "./following";
import { RowView } from "./lines";
import { type Onward, onwardOf, OnwardView } from "./onward";
import { Prompt } from "./prompt";
import { goAlongRows, goToTurn } from "./walking";

/** One line of the conversation. */
export type Shown =
  | { kind: "prompt"; key: string; rev: number; turn: Turn }
  | { kind: "folded"; key: string; rev: number; turn: Turn; rows: number }
  | { kind: "row"; key: string; rev: number; row: Row; turnId: string }
  | { kind: "onward"; key: string; rev: number; turn: Turn; offers: Onward[] };

/** How much of a piece's height is guessed for each line until it was seen. */
const LINE = 32;
/** Turns that are shown whole; older ones are their prompt and their verdict until somebody opens them. */
const WHOLE_TURNS = 12;

const cache = new WeakMap<Turn, { rev: number; fold: boolean; rows: Row[] }>();

function rowsFor(turn: Turn, foldReads: boolean): Row[] {
  const known = cache.get(turn);
  if (known?.rev === turn.rev && known.fold === foldReads) return known.rows;
  const rows = rowsOf(turn, { foldReads });
  cache.set(turn, { rev: turn.rev, fold: foldReads, rows });
  return rows;
}

/** Return all lines of a session in order; `whole` has those of folded turns in place of the fold. */
export function linesOf(session: Session, chat: Chat, whole = false): Shown[] {
  const fold = chat.settings?.foldReads ?? true;
  const lines: Shown[] = [];
  const entries = session.entries;
  const isTurn = entries.filter((it) => it.kind === "turn" && it.routed);
  const unfolded = new Set(isTurn.slice(-WHOLE_TURNS));
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
      !whole &&
      !unfolded.has(entry) &&
      chat.isOpen(entry.key) !== true &&
      entry.ended !== null &&
      rows.length > 3;
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
  const onward = onwardOf(session, chat);
  if (onward !== null)
    lines.push({ kind: "onward", key: `${onward.turn.key} ${onward.offers.join(" ")}`, rev: 0, ...onward });
  return lines;
}

/** Return the pieces that the lines stand in: as many, and in this order, as the page has. */
export function piecesIn(session: Session, chat: Chat): { key: string; lines: Shown[] }[] {
  return piecesOf(linesOf(session, chat));
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
  const pieces = piecesIn(session, chat);
  const before = useRef<Scrolled>({ top: 0, height: 0, view: 0 });
  /** The cards that were in the page before. */
  const met = useRef(new Set<string>());
  const look = useCallback(() => {
    const log = box.current;
    if (log === null) return;
    const now = scrolled(log);
    follows.current = followsAfter(before.current, now, follows.current);
    before.current = now;
    const kept = follows.current ? 0 : fromEnd(now);
    if (Math.abs(chat.kept.fromEnd - kept) > 200 || (kept === 0) !== (chat.kept.fromEnd === 0))
      chat.keep({ fromEnd: kept });
    onPlace({ atEnd: follows.current, turnId: turnAbove(log), card: cardInSight(log) });
  }, [session]);
  useLayoutEffect(() => {
    const log = box.current;
    if (chat.kept.fromEnd === 0) follows.current = true;
    if (log === null) return;
    const card = metNow(log, met.current);
    if (!follows.current) return;
    log.scrollTop = placeToFollow(scrolled(log), card === null ? null : placeIn(log, card));
    const now = scrolled(log);
    if (card === null || fromEnd(now) < 2) return;
    // It stays there until the person scrolls on, or answers.
    follows.current = false;
    before.current = now;
    chat.keep({ fromEnd: fromEnd(now) });
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
      goToTurn(box.current, () => piecesIn(session, chat), event.key === "ArrowUp" ? -1 : 1);
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
            key={piece.key}
            lines={piece.lines}
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

/** Return the first card that was not there before, and take note of all that are. */
function metNow(log: HTMLElement, met: Set<string>): HTMLElement | null {
  const cards = [...log.querySelectorAll<HTMLElement>(".waits")];
  const named = cards.map((it) => [it, it.getAttribute("aria-labelledby") ?? ""] as const);
  const fresh = named.find(([, name]) => !met.has(name))?.[0] ?? null;
  for (const [, name] of named) met.add(name);
  return fresh;
}

/** How much stays in sight above a card that is shown from its beginning. */
const ABOVE_CARD = 8;

function placeIn(log: HTMLElement, card: HTMLElement): number {
  const top = card.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
  return Math.max(0, top - ABOVE_CARD);
}

function scrolled(log: HTMLElement): Scrolled {
  return { top: log.scrollTop, height: log.scrollHeight, view: log.clientHeight };
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
      <div class="entry" data-turn={line.turn.id} ref={(it) => stands(it, line.key)}>
        <Prompt turn={line.turn} session={session} />
      </div>
    );
  }
  if (line.kind === "folded") {
    return (
      <div class="entry" data-turn={line.turn.id} ref={(it) => stands(it, line.key)}>
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
  if (line.kind === "onward") {
    return (
      <div class="entry" data-turn={line.turn.id}>
        <OnwardView session={session} offers={line.offers} />
      </div>
    );
  }
  return (
    <div class={`entry ${line.row.kind}`} data-turn={line.turnId} ref={(it) => stands(it, line.key)}>
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
