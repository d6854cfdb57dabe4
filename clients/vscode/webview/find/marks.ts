/** Marks what is found in the page, without touching what is in it, and brings it into sight. */
import { entryOf } from "./entries";

const ALL = "postil-found";
const ONE = "postil-found-here";
/** For how many frames a line is waited for: a piece that is far away is drawn when it comes near. */
const FRAMES = 120;
/** What is no word of the conversation. */
const APART = ".tools, .sr, .fold, .says, .codeblock > .bar, .diff > .muted, .icon, .key, textarea";
/** Places that are marked at a time. */
const MOST = 500;

interface Marks {
  set(name: string, mark: unknown): unknown;
  delete(name: string): boolean;
}

/** The page's own marks; undefined where it has none, and then the line is brought into sight all the same. */
function marks(): { registry: Marks; of: (ranges: Range[]) => unknown } | undefined {
  const registry = (globalThis.CSS as { highlights?: Marks } | undefined)?.highlights;
  const make = (globalThis as { Highlight?: new (...ranges: Range[]) => unknown }).Highlight;
  if (registry === undefined || make === undefined) return undefined;
  return { registry, of: (ranges) => new make(...ranges) };
}

/** Return the places of words below an element, in order; words may go over what is bold, or a link. */
export function rangesIn(box: Element, pattern: RegExp, most = MOST): Range[] {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest(APART) == null ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT,
  );
  const nodes: { node: Text; start: number }[] = [];
  let text = "";
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    // Words of two blocks, such as two rows, are no words together.
    const last = nodes.at(-1)?.node;
    if (last !== undefined && blockOf(last) !== blockOf(node)) text += "\u0000";
    nodes.push({ node: node as Text, start: text.length });
    text += (node as Text).data;
  }
  const ranges: Range[] = [];
  for (const found of text.matchAll(pattern)) {
    if (ranges.length >= most) break;
    ranges.push(rangeOf(nodes, found.index, found.index + found[0].length));
  }
  return ranges;
}

const BLOCKS = "p, li, dt, dd, pre, h3, td, th, button, div, .what, .meta, .chip";

function blockOf(node: Node): Element | null {
  return node.parentElement?.closest(BLOCKS) ?? null;
}

function rangeOf(nodes: readonly { node: Text; start: number }[], start: number, end: number): Range {
  const range = document.createRange();
  for (const it of nodes) {
    const stop = it.start + it.node.length;
    if (it.start <= start && start < stop) range.setStart(it.node, start - it.start);
    if (it.start < end && end <= stop) range.setEnd(it.node, end - it.start);
  }
  return range;
}

/** Mark all places that are in the page, and the one that was gone to. */
export function mark(log: Element | null, pattern: RegExp | null, here: Range | null): void {
  const page = marks();
  if (page === undefined) return;
  page.registry.delete(ALL);
  page.registry.delete(ONE);
  if (log === null || pattern === null) return;
  page.registry.set(ALL, page.of(rangesIn(log, pattern)));
  if (here?.startContainer.isConnected === true) page.registry.set(ONE, page.of([here]));
}

export interface Wanted {
  key: string;
  /** The number of the piece that the line is in; -1 while it is folded away. */
  piece: () => number;
  pattern: RegExp;
  ordinal: number;
  /** Whether something else is wanted meanwhile. */
  stale: () => boolean;
}

/** Bring a place into sight, its row opened where it stands inside; returns it where it is in the page. */
export async function bring(log: HTMLElement, wanted: Wanted): Promise<Range | null> {
  for (let frame = 0; frame < FRAMES && !wanted.stale(); frame++) {
    const entry = entryOf(log, wanted.key);
    if (entry !== undefined) {
      const range = await found(entry, wanted);
      // What stood for pieces that were far away has another height once they are drawn.
      for (let look = 0; look < 3 && !wanted.stale(); look++) {
        sight(log, range ?? entry);
        await nextFrame();
      }
      return wanted.stale() ? null : range;
    }
    log.querySelectorAll(".piece")[wanted.piece()]?.scrollIntoView({ block: "center" });
    await nextFrame();
  }
  return null;
}

async function found(entry: Element, { pattern, ordinal, stale }: Wanted): Promise<Range | null> {
  let ranges = rangesIn(entry, pattern);
  if (ordinal >= ranges.length) {
    const closed = entry.querySelector<HTMLElement>("button.row[aria-expanded=false]");
    closed?.click();
    for (let frame = 0; closed != null && frame < FRAMES && !stale(); frame++) {
      await nextFrame();
      ranges = rangesIn(entry, pattern);
      if (closed.getAttribute("aria-expanded") === "true") break;
    }
  }
  return ranges[Math.min(ordinal, ranges.length - 1)] ?? null;
}

/** What is in sight already stays where it is. */
function sight(log: HTMLElement, what: Range | Element): void {
  const view = log.getBoundingClientRect();
  const box = what.getBoundingClientRect();
  if (box.top >= view.top + 8 && box.bottom <= view.bottom - 8) return;
  log.scrollTop += box.top - view.top - view.height / 3;
}

function nextFrame(): Promise<unknown> {
  return new Promise(requestAnimationFrame);
}
