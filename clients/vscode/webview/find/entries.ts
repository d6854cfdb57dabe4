/** Which line an element of the page is: lines come, go and are folded while something is looked for. */

const keys = new WeakMap<Element, string>();

/** Note which line stands in an element. */
export function stands(element: Element | null, key: string): void {
  if (element !== null) keys.set(element, key);
}

/** Return the element of a line, where it is in the page. */
export function entryOf(log: Element, key: string): Element | undefined {
  return [...log.querySelectorAll(".entry")].find((it) => keys.get(it) === key);
}
