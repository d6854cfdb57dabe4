/** What can stand at the cursor: files, symbols and problems after @, commands after /. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SlashCommandRow } from "../../src/protocol_gen";
import type { Chat } from "../chat";
import { brief } from "../markdown/reveal";
import { Icon, type IconName } from "./basics";

export interface Choice {
  /** What takes the place of what is typed. */
  text: string;
  title: string;
  detail: string;
  icon: IconName;
}

export interface Completion {
  choices: Choice[];
  at: number;
  /** How much before the cursor a choice takes the place of. */
  typed: number;
}

const NONE: Completion = { choices: [], at: 0, typed: 0 };
const ICONS: Record<string, IconName> = {
  word: "symbol-method",
  file: "file",
  folder: "folder",
  symbol: "symbol-method",
  session: "history",
};

/** Look up what could stand there, as it is typed. */
export function useCompletion(chat: Chat): {
  now: Completion;
  look: (before: string) => void;
  move: (by: number) => void;
  close: () => void;
} {
  const [now, set] = useState(NONE);
  const asked = useRef(0);
  const commands = useRef<Promise<SlashCommandRow[]> | null>(null);
  useEffect(() => {
    commands.current = null;
  }, [chat.status?.server]);
  const look = (before: string): void => {
    const number = (asked.current += 1);
    const found = lookUp(chat, before, commands);
    if (found === null) {
      set(NONE);
      return;
    }
    void found.then(
      (it) => {
        if (asked.current === number) set(it);
      },
      () => set(NONE),
    );
  };
  const move = (by: number): void =>
    set((it) => ({ ...it, at: (it.at + by + it.choices.length) % Math.max(1, it.choices.length) }));
  const close = (): void => {
    asked.current += 1;
    set(NONE);
  };
  return { now, look, move, close };
}

function lookUp(
  chat: Chat,
  before: string,
  commands: { current: Promise<SlashCommandRow[]> | null },
): Promise<Completion> | null {
  const slash = /^\s*\/([\w:-]*)$/.exec(before);
  if (slash !== null) {
    const typed = slash[1] ?? "";
    commands.current ??= chat.host
      .request("postil/slashCommands", {})
      .then((it) => it.commands.filter((row) => row.state === "in force"));
    return commands.current.then((rows) => ({
      at: 0,
      typed: typed.length + 1,
      choices: rows
        .filter((it) => it.name.toLowerCase().includes(typed.toLowerCase()))
        .slice(0, 30)
        .map((it) => ({
          text: `/${it.name} `,
          title: `/${it.name}`,
          detail: it.hint === "" ? it.description : `${it.hint} · ${it.description}`,
          icon: "tools" as const,
        })),
    }));
  }
  if (!/(?:^|[\s(])@[^\s]*$/.test(before)) return null;
  return chat.host.request("postil/mentions", { text: before }).then(({ typed, mentions }) => ({
    at: 0,
    typed,
    choices: mentions.slice(0, 30).map((it) => ({
      text: `${it.text} `,
      title: it.text,
      detail: it.detail,
      icon: ICONS[it.kind] ?? "file",
    })),
  }));
}

export function Choices({
  now,
  choose,
}: {
  now: Completion;
  choose: (choice: Choice) => void;
}): JSX.Element | null {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[now.at]?.scrollIntoView({ block: "nearest" });
  }, [now.at]);
  if (now.choices.length === 0) return null;
  return (
    <ul class="choices" id="choices" role="listbox" aria-label="Suggestions" ref={list}>
      {now.choices.map((it, place) => (
        <li
          key={it.text}
          id={`choice-${place}`}
          role="option"
          aria-selected={place === now.at}
          class={place === now.at ? "on" : ""}
          onMouseDown={(event) => {
            event.preventDefault();
            choose(it);
          }}
        >
          <Icon name={it.icon} />
          <span class="title">{brief(it.title, 200)}</span>
          <span class="detail">{brief(it.detail, 400)}</span>
        </li>
      ))}
    </ul>
  );
}
