/** Small pieces that all of the view is made of. */
import type { ComponentChildren, JSX } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useReducer, useState } from "preact/hooks";
import type { Chat } from "../chat";
import { brief } from "../markdown/reveal";
import { ICONS } from "./icons_gen";

export type IconName = keyof typeof ICONS;

const ChatContext = createContext<Chat | null>(null);
export function WithChat({ value, children }: { value: Chat; children: ComponentChildren }): JSX.Element {
  return <ChatContext.Provider value={value}>{children}</ChatContext.Provider>;
}

/** Return what the view knows and does. */
export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === null) throw new Error("no chat");
  return chat;
}

export function Icon({ name, tone = "" }: { name: IconName; tone?: string }): JSX.Element {
  const [box, path] = ICONS[name];
  return (
    <span class={`icon ${tone}`}>
      <svg viewBox={`0 0 ${box} ${box}`} aria-hidden="true">
        <path d={path} />
      </svg>
    </span>
  );
}

export function Tool(props: {
  icon: IconName;
  label: string;
  /** What stands over it for who points at it; its label where there is no more to say. */
  hint?: string;
  act: () => void;
  disabled?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      class="ico"
      aria-label={props.label}
      title={props.hint ?? props.label}
      disabled={props.disabled}
      onClick={props.act}
    >
      <Icon name={props.icon} />
    </button>
  );
}

export function Link({
  act,
  children,
  label,
}: {
  act: () => void;
  children: ComponentChildren;
  label?: string;
}): JSX.Element {
  return (
    <button type="button" class="lk" aria-label={label} onClick={act}>
      {children}
    </button>
  );
}

/** Keys, as they are written on this machine. */
export function Keys({ keys }: { keys: string }): JSX.Element {
  const { mac } = useChat();
  const names = keys.split(" ").map((it) => (mac ? it.replace("Ctrl", "⌘") : it));
  return (
    <span class="keys wide" aria-hidden="true">
      {names.map((it, place) => (
        <span class="key" key={place}>
          {it}
        </span>
      ))}
    </span>
  );
}

/** Text from outside, with nothing hidden in it. */
export function Said({ text }: { text: string }): JSX.Element {
  return <>{brief(text)}</>;
}

export function Delta({ added, removed }: { added: number; removed: number }): JSX.Element {
  return (
    <span class="delta">
      {added > 0 && (
        <span class="ok">
          <span class="sr">{added} added</span>
          <span aria-hidden="true">+{added}</span>
        </span>
      )}
      {removed > 0 && (
        <span class="bad">
          <span class="sr">{removed} removed</span>
          <span aria-hidden="true">−{removed}</span>
        </span>
      )}
    </span>
  );
}

/** Whether a row is open: as somebody said, else as it is by itself. */
export function useOpen(key: string, byItself: boolean): [boolean, (open: boolean) => void] {
  const chat = useChat();
  const [said, say] = useState(chat.isOpen(key));
  const set = (open: boolean): void => {
    say(open);
    chat.keep({ open: { ...chat.kept.open, [key]: open } });
  };
  return [said ?? byItself, set];
}

/** Return the seconds since something began, counted while it is shown; 0 where it does not run. */
export function useRunning(running: boolean, key: string): number {
  const [, again] = useReducer((count: number) => count + 1, 0);
  const began = beginnings.get(key) ?? performance.now();
  if (running && !beginnings.has(key)) beginnings.set(key, began);
  if (!running) beginnings.delete(key);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(again, 1_000, undefined);
    return () => clearInterval(timer);
  }, [running]);
  return running ? Math.floor((performance.now() - began) / 1_000) : 0;
}

const beginnings = new Map<string, number>();
