/** Where a prompt is written: what is attached, the text, and below it mode, model, meter and send or stop. */
import type { JSX, RefObject, TargetedInputEvent } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { currentTurn, type Session, turns } from "../../src/session/model";
import { revealed } from "../markdown/reveal";
import type { Chat } from "../chat";
import { Icon, Tool, useChat } from "./basics";
import { type Choice, Choices, useCompletion } from "./completion";
import { Meter } from "./meter";

const MODES: Record<string, string> = {
  default: "Ask first",
  "accept-edits": "Accept edits",
  "no-edits": "No edits",
  plan: "Plan",
  "deny-all": "Deny all",
};

interface ComposerProps {
  session: Session | null;
  input: RefObject<HTMLTextAreaElement | null>;
  meterOpen: boolean;
  toggleMeter: () => void;
}

export function Composer({ session, input, meterOpen, toggleMeter }: ComposerProps): JSX.Element {
  const chat = useChat();
  const completion = useCompletion(chat);
  const [over, setOver] = useState(false);
  const draft = chat.kept.draft;
  useLayoutEffect(() => {
    const box = input.current;
    if (box === null) return;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
  }, [draft]);
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
  const drop = (event: DragEvent): void => {
    setOver(false);
    const uris = urisOf(event.dataTransfer);
    if (uris.length === 0) return;
    event.preventDefault();
    chat.host.command("attachUris", { uris });
  };
  return (
    <div class="composer">
      {popup && <Choices now={completion.now} choose={choose} />}
      <div
        class={over ? "box over" : "box"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
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
  if (event.key === "Enter" && !event.shiftKey) {
    const byControl = chat.settings?.sendOn === "ctrlEnter";
    if (byControl && !control) return;
    event.preventDefault();
    void chat.submit(control && chat.busy ? "steer" : "send");
  } else if (event.key === "ArrowUp" && chat.kept.draft === "" && !control && session !== null) {
    const last = turns(session).at(-1);
    if (last === undefined) return;
    event.preventDefault();
    chat.keep({ draft: last.prompt.text });
  }
}

/** Return what the empty box says. */
export function placeholderOf(chat: Chat, session: Session | null): string {
  if (chat.status?.key === "missing") return "Write now, send when the key is set";
  if (session !== null) {
    const kinds = [...session.questions.values()].map((it) => it.question.kind);
    if (kinds.includes("halt")) return "Say what to leave out, or raise the limit";
    if (kinds.length > 0) return "Say more, or answer above";
    if (session.retry !== null) return "Write now, it is sent when the line is back";
    if (chat.busy && currentTurn(session) !== null)
      return chat.mac ? "Queue a message; ⌘Enter steers" : "Queue a message; Ctrl+Enter steers";
  }
  return "Ask; / for commands, @ for files";
}

function Chips(): JSX.Element | null {
  const chat = useChat();
  const { queue, attachments } = chat.kept;
  if (queue.length + attachments.length === 0) return null;
  const without = <T,>(list: readonly T[], place: number): T[] => list.filter((_, at) => at !== place);
  return (
    <ul class="chips">
      {queue.map((it, place) => (
        <li class="chip" key={`queue ${place}`}>
          <Icon name="list-ordered" />
          <button
            type="button"
            class="name"
            title="Edit"
            onClick={() =>
              chat.keep({
                queue: without(queue, place),
                draft: it.text,
                attachments: [...attachments, ...it.attachments],
              })
            }
          >
            Next: {revealed(it.text).replace(/\s+/g, " ").slice(0, 60)}
          </button>
          <Tool
            icon="close"
            label="Remove from the queue"
            act={() => chat.keep({ queue: without(queue, place) })}
          />
        </li>
      ))}
      {attachments.map((it, place) => (
        <li class="chip" key={it.label}>
          <Icon name="file-code" />
          <span class="name">{revealed(it.label)}</span>
          <Tool
            icon="close"
            label={`Remove ${it.label}`}
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
  const modeTitle = chat.settings?.modes.find((it) => it.id === mode)?.title ?? MODES[mode] ?? mode;
  const model = session?.model ?? "";
  const modelTitle =
    chat.settings?.models.find((it) => it.id === model)?.title ?? (model === "" ? "Model" : model);
  const empty = chat.kept.draft.trim() === "";
  return (
    <div class="foot">
      <Tool
        icon="add"
        label="Attach files, symbols or problems"
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
      {chat.busy && empty ? (
        <Tool icon="debug-stop" label="Stop (Escape)" act={() => void chat.stop()} />
      ) : (
        <Tool
          icon="send"
          label={chat.busy ? "Queue" : "Send"}
          disabled={!chat.canSend || empty}
          act={() => void chat.submit("send")}
        />
      )}
    </div>
  );
}

/** Return what is dragged here: files of the editor, or of the system. */
export function urisOf(data: DataTransfer | null): string[] {
  if (data === null) return [];
  for (const type of ["application/vnd.code.uri-list", "text/uri-list"]) {
    const uris = data
      .getData(type)
      .split(/\r?\n/)
      .filter((it) => it !== "" && !it.startsWith("#"));
    if (uris.length > 0) return uris.slice(0, 200);
  }
  return [];
}
