/** Find in the conversation: over all of its lines, for those that are far away are not in the page. */
import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../../src/session/model";
import { bring, mark } from "../find/marks";
import { countOf, Finder, from, type Match, patternOf, placeOf, step } from "../find/matches";
import { Tool, useChat } from "./basics";
import { piecesOf } from "./following";
import { linesOf } from "./log";

interface FindProps {
  session: Session;
  log: () => HTMLElement | null;
  /** Grows whenever it is asked for again. */
  asked: number;
  close: () => void;
}

/** Whether a key asks for it. */
export function isFind(event: KeyboardEvent, mac: boolean): boolean {
  return event.key.toLowerCase() === "f" && (mac ? event.metaKey : event.ctrlKey) && !event.altKey;
}

interface Asked {
  asked: number;
  /** What had the focus before. */
  back: Element | null;
}

/** Whether it is open, and what opens and closes it; without a place to go back to the focus goes `elsewhere`. */
export function useFind(
  may: boolean,
  elsewhere: () => HTMLElement | null,
): { find: Asked | null; openFind: (byKey: boolean) => void; closeFind: () => void } {
  const [find, setFind] = useState<Asked | null>(null);
  const openFind = (byKey: boolean): void => {
    const from = document.activeElement;
    const inFind = from?.closest(".find") != null;
    // The page hears a key before the editor's command for it comes: what is typed since is not selected again.
    if (!may || (inFind && !byKey)) return;
    setFind((was) => ({ asked: (was?.asked ?? 0) + 1, back: inFind ? (was?.back ?? null) : from }));
  };
  const closeFind = (): void => {
    const back = find?.back;
    setFind(null);
    if (back instanceof HTMLElement && back.isConnected && back !== document.body) back.focus();
    else elsewhere()?.focus();
  };
  return { find, openFind, closeFind };
}

interface Finding {
  query: string;
  count: string;
  none: boolean;
  type: (words: string) => void;
  walk: (by: 1 | -1) => void;
}

/** What is found for the words, and the way through it. */
function useFinding(session: Session, log: () => HTMLElement | null): Finding {
  const chat = useChat();
  const finder = useRef(new Finder());
  const here = useRef<Range | null>(null);
  const wish = useRef(0);
  const now = useRef<Match | null>(null);
  const [query, setQuery] = useState("");
  const lines = linesOf(session, chat, true);
  const matches = finder.current.matches(lines, session.roots, query);
  useMarks(log, patternOf(query), here);
  const go = async (to: Match | null, words: string): Promise<void> => {
    const mine = ++wish.current;
    now.current = to;
    here.current = null;
    const [box, pattern] = [log(), patternOf(words)];
    if (to === null || box === null || pattern === null) return;
    const turn = session.entries.find((it) => it.kind === "turn" && it.id === to.turnId);
    const piece = (): number =>
      piecesOf(linesOf(session, chat)).findIndex((it) => it.lines.some((line) => line.key === to.key));
    // A turn that is folded shows its prompt and its verdict alone.
    if (piece() < 0 && turn !== undefined) chat.keep({ open: { ...chat.kept.open, [turn.key]: true } });
    const { key, ordinal } = to;
    const range = await bring(box, { key, piece, pattern, ordinal, stale: () => mine !== wish.current });
    if (mine !== wish.current) return;
    here.current = range;
    mark(box, pattern, range);
  };
  const say = (all: readonly Match[], to: Match | null, words: string): void => {
    if (words.trim() !== "") chat.announced = countOf(all, placeOf(all, to));
    void go(to, words);
    chat.changed();
  };
  return {
    query,
    count: query.trim() === "" ? "" : countOf(matches, placeOf(matches, now.current)),
    none: query.trim() !== "" && matches.length === 0,
    // Keys may come faster than what they do is painted.
    walk: (by) => say(matches, step(matches, placeOf(matches, now.current), by), query),
    type: (words) => {
      setQuery(words);
      const all = finder.current.matches(lines, session.roots, words);
      const stays = all.find((it) => it.key === now.current?.key);
      say(all, stays ?? from(lines, all, firstSeen(log(), linesOf(session, chat))), words);
    },
  };
}

/** What is painted anew, or comes into the page, is marked anew. */
function useMarks(
  log: () => HTMLElement | null,
  pattern: RegExp | null,
  here: RefObject<Range | null>,
): void {
  useEffect(() => {
    const paint = (): void => mark(log(), pattern, here.current);
    paint();
    const box = log();
    let planned = 0;
    const soon = (): void => {
      cancelAnimationFrame(planned);
      planned = requestAnimationFrame(paint);
    };
    box?.addEventListener("scroll", soon);
    return () => {
      cancelAnimationFrame(planned);
      box?.removeEventListener("scroll", soon);
    };
  });
  useEffect(() => () => mark(null, null, null), []);
}

export function Find({ session, log, asked, close }: FindProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const { query, count, none, type, walk } = useFinding(session, log);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, [asked]);
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "F3" || (event.key === "Enter" && event.target === input.current))
      walk(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const still = none || count === "";
  return (
    <div class="find" role="search" aria-label="Find in the conversation" onKeyDown={key}>
      <input
        ref={input}
        type="text"
        class={none ? "none" : ""}
        aria-label="Find in the conversation"
        placeholder="Find"
        maxLength={500}
        spellcheck={false}
        value={query}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <span class={none ? "num bad" : "num muted"}>{count}</span>
      <Tool icon="arrow-up" label="Previous match (Shift+Enter)" disabled={still} act={() => walk(-1)} />
      <Tool icon="arrow-down" label="Next match (Enter)" disabled={still} act={() => walk(1)} />
      <Tool icon="close" label="Close (Escape)" act={close} />
    </div>
  );
}

/** Return the first line that is in sight. */
function firstSeen(log: HTMLElement | null, lines: ReturnType<typeof linesOf>): string | null {
  if (log === null) return null;
  const top = log.getBoundingClientRect().top;
  const seen = (it: Element): boolean => it.getBoundingClientRect().bottom > top + 4;
  const boxes = [...log.querySelectorAll(".piece")];
  const piece = boxes.findIndex(seen);
  const line = [...(boxes[piece]?.children ?? [])].findIndex(seen);
  return piecesOf(lines)[piece]?.lines[Math.max(0, line)]?.key ?? null;
}
