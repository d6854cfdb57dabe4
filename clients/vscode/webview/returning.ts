/** Where the focus was before it came to a card: once that is answered, it goes back there. */
import type { Host } from "./host";

export class Returning {
  /** The card that has the focus, or had it last. */
  private card: Element | null = null;
  private from: HTMLElement | null = null;
  private inEditor = false;

  /** The focus came to something of the chat; from one card to another, or back to the same, it came from where it was before. */
  came({ target, relatedTarget }: FocusEvent): void {
    const [card, before] = [cardOf(target), cardOf(relatedTarget)];
    const again = relatedTarget === null && card === this.card;
    this.card = card;
    if (card === null || before !== null || again) return;
    this.from = relatedTarget instanceof HTMLElement ? relatedTarget : null;
    this.inEditor = false;
  }

  /** It was brought to a card while the chat did not have it. */
  cameFromEditor(): void {
    this.inEditor = true;
  }

  /** The card was answered. Who answers by the mouse stays in the chat; who has gone on to something else stays there. */
  goBack(card: Element | null, byKey: boolean, host: Host): void {
    const now = document.activeElement;
    const onCard = now === null || now === document.body || card?.contains(now) === true;
    if (!onCard || !document.hasFocus()) return;
    if (byKey && this.inEditor) {
      host.command("giveFocusBack", {});
      return;
    }
    const composer = document.querySelector<HTMLElement>(".composer textarea");
    (this.from?.isConnected === true && this.from !== document.body ? this.from : composer)?.focus();
  }
}

function cardOf(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest("[data-card]") : null;
}
