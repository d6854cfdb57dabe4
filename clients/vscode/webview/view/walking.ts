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

/** Scroll to the prompt before or after what is seen, and give it the focus. */
export function goToTurn(log: HTMLElement | null, by: 1 | -1): void {
  if (log === null) return;
  const top = log.getBoundingClientRect().top;
  const prompts = [...log.querySelectorAll<HTMLElement>("[data-prompt]")];
  const places = prompts.map((it) => it.getBoundingClientRect().top - top);
  const at = by < 0 ? places.findLastIndex((it) => it < -4) : places.findIndex((it) => it > 12);
  const next = prompts[at];
  if (next === undefined) {
    log.scrollTop = by < 0 ? 0 : log.scrollHeight;
    return;
  }
  next.scrollIntoView({ block: "start" });
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
}

function nearest(log: HTMLElement, rows: readonly HTMLElement[], by: 1 | -1): HTMLElement | undefined {
  const view = log.getBoundingClientRect();
  const seen = rows.filter((it) => {
    const box = it.getBoundingClientRect();
    return box.bottom > view.top && box.top < view.bottom;
  });
  return by < 0 ? seen.at(-1) : seen[0];
}
