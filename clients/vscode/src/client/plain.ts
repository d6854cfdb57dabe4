/** Messages that VS Code pops up: it makes links of some words in them, commands included, and the words may be a model's. */

import type { Message, NotificationMessage } from "vscode-languageserver-protocol";

const SHOWN = new Set(["window/showMessage", "window/showMessageRequest"]);

/** Returns a text in which VS Code finds no link: *[words](command:…)* would run when somebody clicks at it. */
export function plain(text: string): string {
  return text.replaceAll("](", "] (");
}

/** Has the words of what the server pops up shown as words. */
export const plainMessages = {
  handleMessage<T>(message: Message, next: (message: Message) => T): T {
    return next(withoutLinks(message));
  },
};

function withoutLinks(message: Message): Message {
  const { method, params } = message as Partial<NotificationMessage>;
  if (method === undefined || !SHOWN.has(method)) {
    return message;
  }
  const { message: text, ...more } = (params ?? {}) as { message?: unknown };
  return { ...message, params: { ...more, message: plain(String(text)) } } as Message;
}
