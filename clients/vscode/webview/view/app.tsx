/** The whole view, from top to bottom: notices, the prompt in force, the conversation, the dock, the composer. */
import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { turns } from "../../src/session/model";
import type { Chat } from "../chat";
import { revealed } from "../markdown/reveal";
import { Icon, Link, WithChat } from "./basics";
import { Composer } from "./composer";
import { Dock } from "./dock";
import { Empty } from "./empty";
import { Log, type Place } from "./log";
import { ContextCard } from "./meter";
import { goToTurn } from "./walking";

export function App({ chat }: { chat: Chat }): JSX.Element {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => chat.subscribe(() => again(undefined)), [chat]);
  const [place, setPlace] = useState<Place>({ atEnd: true, turnId: null, card: true });
  const [meterOpen, setMeter] = useState(false);
  const view = useRef<HTMLElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const session = chat.session;
  const talks = session !== null && session.entries.length > 0;
  const log = (): HTMLElement | null => view.current?.querySelector<HTMLElement>(".talk") ?? null;
  const toEnd = (): void => {
    const box = log();
    if (box !== null) box.scrollTop = box.scrollHeight;
  };
  const toQuestion = (): void => goToQuestion(view.current, toEnd);
  useEffect(() => {
    const wanted = chat.wanted;
    chat.wanted = null;
    if (wanted === "composer") input.current?.focus();
    if (wanted === "question") toQuestion();
    if (wanted === "previousTurn" || wanted === "nextTurn")
      goToTurn(log(), wanted === "previousTurn" ? -1 : 1);
  });
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented || !chat.busy) return;
    event.preventDefault();
    void chat.stop();
  };
  return (
    <WithChat value={chat}>
      <main
        class="view"
        ref={view}
        onKeyDown={key}
        onFocusIn={(event) => tellFocus(chat, event.target)}
        onFocusOut={() => tellFocus(chat, null)}
      >
        <h1 class="sr">Postil</h1>
        <Restricted chat={chat} />
        {session !== null && talks && place.turnId !== null && (
          <Above chat={chat} turnId={place.turnId} log={log} />
        )}
        {session !== null && talks ? (
          <Log
            key={session.id}
            session={session}
            onPlace={(it) => setPlace((was) => (sameplace(was, it) ? was : it))}
          />
        ) : (
          <Empty />
        )}
        {meterOpen && session !== null && <ContextCard session={session} close={() => setMeter(false)} />}
        <Dock
          session={session}
          place={talks ? place : { atEnd: true, turnId: null, card: true }}
          toEnd={toEnd}
          toQuestion={toQuestion}
        />
        {chat.readOnly ? (
          <Elsewhere chat={chat} />
        ) : (
          <Composer
            session={session}
            input={input}
            meterOpen={meterOpen}
            toggleMeter={() => setMeter(!meterOpen)}
          />
        )}
        <div class="sr" role="status" aria-live="polite">
          {chat.announced}
        </div>
      </main>
    </WithChat>
  );
}

function sameplace(one: Place, other: Place): boolean {
  return one.atEnd === other.atEnd && one.turnId === other.turnId && one.card === other.card;
}

/** Bring the card that waits into sight and give it, not one of its answers, the focus. */
function goToQuestion(view: HTMLElement | null, toEnd: () => void): void {
  const find = (): HTMLElement | null => view?.querySelector<HTMLElement>("[data-card]") ?? null;
  if (find() === null) toEnd();
  requestAnimationFrame(() => {
    const card = find();
    card?.scrollIntoView({ block: "nearest" });
    card?.focus({ preventScroll: true });
  });
}

function tellFocus(chat: Chat, target: EventTarget | null): void {
  const at = target instanceof Element ? target : null;
  const where =
    at === null
      ? "none"
      : at.closest("[data-card]") !== null
        ? "card"
        : at.closest(".composer") !== null
          ? "composer"
          : "log";
  chat.host.send({ type: "focused", where });
}

function Restricted({ chat }: { chat: Chat }): JSX.Element | null {
  if (chat.status?.trust !== "restricted") return null;
  return (
    <div class="notice">
      <Icon name="shield" />
      <p>
        <b>Restricted.</b> Postil only reads here. Nothing from this folder is run: no hooks, servers, skills
        or settings. <Link act={() => chat.host.command("manageTrust", {})}>Manage trust</Link>
      </p>
    </div>
  );
}

/** The prompt in force, once its own box has scrolled away. */
function Above({
  chat,
  turnId,
  log,
}: {
  chat: Chat;
  turnId: string;
  log: () => HTMLElement | null;
}): JSX.Element | null {
  const turn = chat.session === null ? undefined : turns(chat.session).find((it) => it.id === turnId);
  if (turn === undefined) return null;
  return (
    <div class="stick">
      <button type="button" onClick={() => goToTurn(log(), -1)}>
        <span class="sr">Go to prompt: </span>
        <span class="words">{revealed(turn.prompt.text).replace(/\s+/g, " ").slice(0, 300)}</span>
        <Icon name="arrow-up" />
      </button>
    </div>
  );
}

/** In place of the composer, while another window has the session. */
function Elsewhere({ chat }: { chat: Chat }): JSX.Element {
  const found = chat.found.get(chat.kept.sessionId ?? "");
  const owner = chat.status?.owner ?? null;
  const sessionId = chat.kept.sessionId ?? "";
  const words =
    owner === null ? (found?.note ?? "") : `Open in another window since ${owner.since}. Read only here.`;
  return (
    <div class="composer">
      <div class="notice elsewhere">
        <Icon name="lock" />
        <p>{words === "" ? "Read only here." : revealed(words)}</p>
        <button
          type="button"
          class="lk"
          disabled={owner !== null && !owner.gone}
          onClick={() => chat.host.command("takeOver", { sessionId })}
        >
          Take over
        </button>
      </div>
    </div>
  );
}
