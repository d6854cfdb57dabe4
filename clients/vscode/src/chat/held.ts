/** What the chat is told while it has no page that is ready: kept until it has, where nothing else would say it again. */

import type { ToView } from "./messages";

export class Held {
  private messages: ToView[] = [];

  /** Keeps what a person did; how things stand is told anew to a page that is ready. */
  hold(message: ToView): void {
    if (message.type === "focus") {
      this.messages = this.messages.filter((it) => it.type !== "focus");
    }
    if (message.type === "focus" || message.type === "attach" || message.type === "draft") {
      this.messages.push(message);
    }
  }

  /** Returns it in its order, once. */
  take(): ToView[] {
    return this.messages.splice(0);
  }
}
