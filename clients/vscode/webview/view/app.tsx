/** The whole view, from top to bottom: notices, the prompt in force, the conversation, the dock, the composer. */
import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { type Session, turns } from "../../src/session/model";
import type { Chat } from "../chat";
import { brief } from "../markdown/reveal";
import { Icon, Link, WithChat } from "./basics";
import { Composer } from "./composer";
import { Dock } from "./dock";
import { Empty } from "./empty";
import { Find, isFind, useFind } from "./find";
import { Log, piecesIn, type Place } from "./log";
import { ContextCard } from "./meter";
import { WaitingChips } from "./waiting";
import { goToPrompt, goToTurn, type Pieces } from "./walking";

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
  const toQuestion = (): void => void goToQuestion(view.current, toEnd);
  const { find, openFind, closeFind } = useFind(talks, () => input.current ?? log());
  useEffect(() => {
    const { wanted, wantedFromEditor } = chat;
    chat.wanted = null;
    if (wanted === "composer") input.current?.focus();
    if (wanted === "question")
      void goToQuestion(view.current, toEnd, chat.wantedQuestion).then((found) => {
        if (found && wantedFromEditor) chat.returning.cameFromEditor();
        // A view that has just come up may not have the session yet: the question is looked for again when it has.
        if (!found && chat.session === null) chat.wanted ??= wanted;
      });
    if (wanted === "find") openFind(false);
    if (session !== null && (wanted === "previousTurn" || wanted === "nextTurn"))
      goToTurn(log(), () => piecesIn(session, chat), wanted === "previousTurn" ? -1 : 1);
  });
  const key = (event: KeyboardEvent): void => {
    if (isFind(event, chat.mac)) {
      event.preventDefault();
      openFind(true);
      return;
    }
    // Of an input method Escape takes back what is not a word yet.
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || !chat.busy) return;
    event.preventDefault();
    void chat.stop();
  };
  return (
    <WithChat value={chat}>
      <main
        class="view"
        ref={view}
        onKeyDown={key}
        onFocusIn={(event) => {
          chat.returning.came(event);
          tellFocus(chat, event.target);
        }}
        onFocusOut={() => tellFocus(chat, null)}
      >
        <h1 class="sr">Postil</h1>
        <Restricted chat={chat} />
        {talks && find !== null && (
          <Find key={session.id} session={session} log={log} asked={find.asked} close={closeFind} />
        )}
        {session !== null && talks && place.turnId !== null && (
          <Above chat={chat} session={session} turnId={place.turnId} log={log} />
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
          <>
            {session !== null && <WaitingChips session={session} />}
            <Elsewhere chat={chat} />
          </>
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

/** For how many frames a card is looked for: a long conversation draws its end in a few. */
const FRAMES = 20;

/**
 * Bring the card that waits into sight and give it, not one of its answers, the focus; tells whether there is one.
 *
 * Where a question is named no other card will do: keys answer the one that has the focus.
 */
async function goToQuestion(
  view: HTMLElement | null,
  toEnd: () => void,
  questionId?: string,
): Promise<boolean> {
  const find = (): HTMLElement | null =>
    [...(view?.querySelectorAll<HTMLElement>("[data-card]") ?? [])].find(
      (it) => questionId === undefined || it.dataset["card"] === questionId,
    ) ?? null;
  let card = find();
  for (let frame = 0; card === null && frame < FRAMES; frame++) {
    toEnd();
    await new Promise(requestAnimationFrame);
    card = find();
  }
  card?.scrollIntoView({ block: "nearest" });
  card?.focus({ preventScroll: true });
  return card !== null;
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
        <b>Restricted.</b> Postil reads and searches here, edits as the mode says, and asks before it runs
        anything. Nothing that this folder configures is used: no hooks, servers, skills or settings.{" "}
        <Link act={() => chat.host.command("manageTrust", {})}>Manage trust</Link>
      </p>
    </div>
  );
}

/** The prompt in force, once its own box has scrolled away. */
function Above({
  chat,
  session,
  turnId,
  log,
}: {
  chat: Chat;
  session: Session;
  turnId: string;
  log: () => HTMLElement | null;
}): JSX.Element | null {
  const turn = turns(session).find((it) => it.id === turnId);
  if (turn === undefined) return null;
  const pieces: Pieces = () => piecesIn(session, chat);
  return (
    <div class="stick">
      <button type="button" onClick={() => void goToPrompt(log(), pieces, turn.key)}>
        <span class="sr">Go to prompt: </span>
        <span class="words">{brief(turn.prompt.text, 300).replace(/\s+/g, " ")}</span>
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
    owner?.gone === true
      ? "No other window has this session open any more. Read only here until you take it over."
      : (found?.note ?? "");
  return (
    <div class="composer">
      <div class="notice elsewhere">
        <Icon name="lock" />
        <p>{words === "" ? "Read only here." : brief(words)}</p>
        <button type="button" class="lk" onClick={() => chat.host.command("takeOver", { sessionId })}>
          Take over
        </button>
      </div>
    </div>
  );
}
