/** Where a prompt is written: what is attached, the text, and below it mode, model, meter and send or stop. */
import type { JSX, RefObject, TargetedInputEvent } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { currentTurn, type Session, turns } from "../../src/session/model";
import { revealed } from "../markdown/reveal";
import { attachedAgain } from "../again";
import type { Chat } from "../chat";
import { attachmentKey, attachmentNames } from "../kept";
import { Icon, Tool, useChat } from "./basics";
import { type Choice, Choices, useCompletion } from "./completion";
import { useDropping } from "./dropping";
import { Meter } from "./meter";
import { WaitingChips } from "./waiting";

/** Higher than this it scrolls. */
const MOST_HIGH = 220;

interface ComposerProps {
  session: Session | null;
  input: RefObject<HTMLTextAreaElement | null>;
  meterOpen: boolean;
  toggleMeter: () => void;
}

export function Composer({ session, input, meterOpen, toggleMeter }: ComposerProps): JSX.Element {
  const chat = useChat();
  const completion = useCompletion(chat);
  const over = useDropping(chat);
  const draft = chat.kept.draft;
  useHeight(input, draft);
  const choose = (choice: Choice): void => {
    const box = input.current;
    if (box === null) return;
    const cursor = box.selectionStart;
    const from = Math.max(0, cursor - completion.now.typed);
    const text = `${draft.slice(0, from)}${choice.text}${draft.slice(cursor)}`;
    completion.close();
    chat.keep({ draft: text });
    const to = from + choice.text.length;
    requestAnimationFrame(() => box.setSelectionRange(to, to));
  };
  const type = (event: TargetedInputEvent<HTMLTextAreaElement>): void => {
    const box = event.currentTarget;
    chat.keep({ draft: box.value });
    completion.look(box.value.slice(0, box.selectionStart));
  };
  const popup = completion.now.choices.length > 0;
  return (
    <div class="composer">
      {popup && <Choices now={completion.now} choose={choose} />}
      <div class={over ? "box over" : "box"}>
        {session !== null && <WaitingChips session={session} />}
        <Chips />
        <textarea
          ref={input}
          class="text"
          rows={1}
          aria-label="Message"
          aria-haspopup="listbox"
          aria-autocomplete="list"
          aria-controls={popup ? "choices" : undefined}
          aria-activedescendant={popup ? `choice-${completion.now.at}` : undefined}
          placeholder={placeholderOf(chat, session)}
          value={draft}
          onInput={type}
          onBlur={completion.close}
          onKeyDown={(event) => keyed(event, chat, session, completion, choose)}
        />
        <Foot session={session} meterOpen={meterOpen} toggleMeter={toggleMeter} />
      </div>
    </div>
  );
}

/** Make the box as high as its words are, at any width: what is written once takes more lines in a narrow view. */
function useHeight(input: RefObject<HTMLTextAreaElement | null>, words: string): void {
  const fit = (): void => {
    const box = input.current;
    if (box === null) return;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, MOST_HIGH)}px`;
  };
  useLayoutEffect(fit, [words]);
  useEffect(() => {
    const box = input.current;
    let width = box?.clientWidth;
    const sizes = new ResizeObserver(() => {
      // Its own new height is no news.
      if (width === box?.clientWidth) return;
      width = box?.clientWidth;
      fit();
    });
    if (box !== null) sizes.observe(box);
    return () => sizes.disconnect();
  }, []);
}

function keyed(
  event: KeyboardEvent,
  chat: Chat,
  session: Session | null,
  completion: ReturnType<typeof useCompletion>,
  choose: (choice: Choice) => void,
): void {
  const { now } = completion;
  const chosen = now.choices[now.at];
  if (event.isComposing) return;
  if (chosen !== undefined) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp")
      completion.move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") completion.close();
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") choose(chosen);
    else return;
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  const control = event.ctrlKey || event.metaKey;
  const byControl = chat.settings?.sendOn === "ctrlEnter";
  if (event.key === "Enter" && (byControl ? control : !event.shiftKey)) {
    const other = byControl ? event.shiftKey : control;
    event.preventDefault();
    void chat.submit(other ? "other" : "send");
  } else if (event.key === "ArrowUp" && chat.kept.draft === "" && !control && session !== null) {
    const last = turns(session).at(-1);
    if (last === undefined) return;
    event.preventDefault();
    chat.keep({ draft: last.prompt.text });
    chat.attach(attachedAgain(last.prompt));
  }
}

/** Return what the empty box says. */
export function placeholderOf(chat: Chat, session: Session | null): string {
  const { server, install, key } = chat.status ?? {};
  if (server === "failed" || server === "stopped" || (install ?? null) !== null)
    return "Write now, send when the server is there";
  if (key === "missing" || key === "rejected") return "Write now, send when the key is set";
  if (session !== null) {
    const kinds = [...session.questions.values()].map((it) => it.question.kind);
    if (kinds.includes("halt")) return "Say what to leave out, or raise the limit";
    if (kinds.length > 0) return "Say more, or answer above";
    if (session.retry?.kind === "connection") return "Write now, it is sent when the line is back";
    if (chat.busy && currentTurn(session) !== null) return whileBusyOf(chat);
  }
  return "Ask; / for commands, @ for files";
}

/** What a message does while the agent works, and which key does the other. */
function whileBusyOf(chat: Chat): string {
  const shift = chat.settings?.sendOn === "ctrlEnter" ? (chat.mac ? "⇧" : "Shift+") : "";
  const key = chat.mac ? `${shift}⌘Enter` : `Ctrl+${shift}Enter`;
  return chat.settings?.whileBusy === "steer"
    ? `Steer with a message; ${key} queues`
    : `Queue a message; ${key} steers`;
}

function Chips(): JSX.Element | null {
  const chat = useChat();
  const { attachments } = chat.kept;
  if (attachments.length === 0) return null;
  const names = attachmentNames(attachments);
  const without = <T,>(list: readonly T[], place: number): T[] => list.filter((_, at) => at !== place);
  return (
    <ul class="chips">
      {attachments.map((it, place) => (
        <li class="chip" key={attachmentKey(it)} title={revealed(it.context.path)}>
          <Icon name="file-code" />
          <span class="name">{revealed(names[place] ?? it.label)}</span>
          <Tool
            icon="close"
            label={`Remove ${revealed(names[place] ?? it.label)}`}
            act={() => chat.keep({ attachments: without(attachments, place) })}
          />
        </li>
      ))}
    </ul>
  );
}

function Foot({
  session,
  meterOpen,
  toggleMeter,
}: {
  session: Session | null;
  meterOpen: boolean;
  toggleMeter: () => void;
}): JSX.Element {
  const chat = useChat();
  const ids = session === null ? {} : { sessionId: session.id };
  const mode = session?.mode ?? "default";
  const modeTitle = chat.settings?.modes.find((it) => it.id === mode)?.title ?? mode;
  const model = session?.model ?? "";
  const modelTitle =
    chat.settings?.models.find((it) => it.id === model)?.title ?? (model === "" ? "Model" : model);
  const empty = chat.kept.draft.trim() === "";
  return (
    <div class="foot">
      <Tool
        icon="add"
        label="Attach files"
        hint="Attach files, or hold Shift and drop them here"
        act={() => chat.host.command("pickContext", {})}
      />
      <button type="button" class="pick" onClick={() => chat.host.command("pickMode", ids)}>
        <span class="sr">Mode: </span>
        <span>{revealed(modeTitle)}</span>
        <Icon name="chevron-down" />
      </button>
      <button type="button" class="pick wide" onClick={() => chat.host.command("pickModel", ids)}>
        <span class="sr">Model: </span>
        <span>{revealed(modelTitle)}</span>
        <Icon name="chevron-down" />
      </button>
      <span class="push" />
      <Meter session={session} open={meterOpen} toggle={toggleMeter} />
      {chat.busy && <Tool icon="debug-stop" label="Stop (Escape)" act={() => void chat.stop()} />}
      {(!chat.busy || !empty) && (
        <Tool
          icon="send"
          label={!chat.busy ? "Send" : chat.settings?.whileBusy === "steer" ? "Steer" : "Queue"}
          disabled={!chat.canSubmit || empty}
          act={() => void chat.submit("send")}
        />
      )}
    </div>
  );
}
