/** Going through the conversation by keys: from row to row, and from turn to turn. */

/** Move the focus to the row before or after the one that has it; from the log itself, to the last or first in sight. */
export function goAlongRows(log: HTMLElement | null, from: EventTarget | null, by: 1 | -1): boolean {
  if (log === null || !(from instanceof HTMLElement)) return false;
  if (from !== log && !from.matches("button.row")) return false;
  const rows = [...log.querySelectorAll<HTMLElement>("button.row")];
  const at = rows.indexOf(from);
  const next = at >= 0 ? rows[at + by] : nearest(log, rows, by);
  if (next === undefined) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** The pieces of a conversation as they are now, each with its lines: those that are far away are in the page as empty boxes. */
export type Pieces = () => readonly { lines: readonly { kind: string; key: string }[] }[];

/** For how many frames a prompt is waited for: a piece that is far away is drawn when it comes near. */
const FRAMES = 120;
/** So many frames it has to stand still: what stood for pieces that were far away has another height once they are drawn. */
const STILL = 3;

/** The prompt that a log is on its way to: the next key may come before it has arrived. */
const onTheWay = new WeakMap<HTMLElement, string>();

/** Scroll to the prompt before or after what is seen, and give it the focus. */
export function goToTurn(log: HTMLElement | null, pieces: Pieces, by: 1 | -1): void {
  if (log === null) return;
  const prompts = promptsOf(log, pieces);
  const next = prompts[placeBeside(log, prompts, by)];
  if (next !== undefined) {
    void goToPrompt(log, pieces, next.key);
    return;
  }
  onTheWay.delete(log);
  log.scrollTop = by < 0 ? 0 : log.scrollHeight;
}

/** Bring a prompt to the top, from however far away, and give it the focus. */
export async function goToPrompt(log: HTMLElement | null, pieces: Pieces, key: string): Promise<void> {
  if (log === null) return;
  onTheWay.set(log, key);
  let still = 0;
  let was = Number.NaN;
  let held: HTMLElement | null = null;
  for (let frame = 0; frame < FRAMES && still < STILL && onTheWay.get(log) === key; frame++) {
    const box = promptsOf(log, pieces).find((it) => it.key === key)?.box;
    if (box === undefined) break;
    const prompt = promptIn(box);
    const place = topOf(box);
    still = prompt !== null && place === was ? still + 1 : 0;
    was = place;
    (prompt ?? box).scrollIntoView({ block: "start" });
    // Once: where the focus goes meanwhile it stays.
    if (prompt !== null && prompt !== held) take((held = prompt));
    await new Promise(requestAnimationFrame);
  }
  if (onTheWay.get(log) === key) onTheWay.delete(log);
}

interface At {
  key: string;
  box: Element;
}

/** Return all prompts in order, each with the box of the piece that it begins. */
function promptsOf(log: HTMLElement, pieces: Pieces): At[] {
  const boxes = log.querySelectorAll(".piece");
  return pieces().flatMap(({ lines: [first] }, place) => {
    const box = boxes[place];
    return first?.kind === "prompt" && box !== undefined ? [{ key: first.key, box }] : [];
  });
}

/** Return the place of the prompt to go to: counted from the one gone to before while it is in sight, else from what is seen. */
function placeBeside(log: HTMLElement, prompts: readonly At[], by: 1 | -1): number {
  const view = log.getBoundingClientRect();
  const goesTo = onTheWay.get(log);
  const from = prompts.findIndex(({ key, box }) =>
    goesTo === undefined ? isHeld(box, view) : key === goesTo,
  );
  if (from >= 0) return from + by;
  const places = prompts.map(({ box }) => topOf(box) - view.top);
  return by < 0 ? places.findLastIndex((it) => it < -4) : places.findIndex((it) => it > 12);
}

/** Whether the focus is on a prompt that is in sight: those at the end cannot come to the top. */
function isHeld(box: Element, view: DOMRect): boolean {
  const prompt = promptIn(box);
  if (prompt === null || document.activeElement !== prompt) return false;
  const { top, bottom } = prompt.getBoundingClientRect();
  return top < view.bottom && bottom > view.top;
}

function promptIn(box: Element): HTMLElement | null {
  return box.querySelector<HTMLElement>("[data-prompt]");
}

function topOf(box: Element): number {
  return (promptIn(box) ?? box).getBoundingClientRect().top;
}

function take(prompt: HTMLElement): void {
  prompt.tabIndex = -1;
  prompt.focus({ preventScroll: true });
}

function nearest(log: HTMLElement, rows: readonly HTMLElement[], by: 1 | -1): HTMLElement | undefined {
  const view = log.getBoundingClientRect();
  const seen = rows.filter((it) => {
    const box = it.getBoundingClientRect();
    return box.bottom > view.top && box.top < view.bottom;
  });
  return by < 0 ? seen.at(-1) : seen[0];
}
