/** Differences of texts, line by line (Myers). */

/** Lines `from` to `to` (not included) of the old text became lines `start` to `end` of the new one. */
export interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Lines taken out and put in. Where texts differ by more, the whole middle counts as one hunk: nobody reviews it line by
 * line, and finding out more costs its square in time and room.
 */
export const MOST_EDITS = 1_000;

/** Splits a text into lines, each with its end; a text that ends with a line's end has no further line. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Returns what differs, in order. */
export function diff(old: readonly string[], now: readonly string[]): Hunk[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) {
    head++;
  }
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) {
    tail++;
  }
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  if (a.length === 0 && b.length === 0) {
    return [];
  }
  const hunks = a.length === 0 || b.length === 0 ? undefined : middle(a, b);
  const whole: Hunk = { from: 0, to: a.length, start: 0, end: b.length };
  return (hunks ?? [whole]).map((it) => ({
    from: it.from + head,
    to: it.to + head,
    start: it.start + head,
    end: it.end + head,
  }));
}

/** Returns the hunks between two texts that differ at both ends; undefined where they differ by too much. */
function middle(a: readonly string[], b: readonly string[]): Hunk[] | undefined {
  const [old, now] = numbered(a, b);
  const most = Math.min(a.length + b.length, MOST_EDITS);
  // How far each diagonal reaches; `zero` is the place of the diagonal 0.
  const zero = most + 1;
  const reach = new Int32Array(2 * most + 3).fill(-1);
  reach[zero + 1] = 0;
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    trace.push(reach.slice(zero - edits - 1, zero + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const left = reach[zero + k - 1] ?? -1;
      const right = reach[zero + k + 1] ?? -1;
      let x = k === -edits || (k !== edits && left < right) ? right : left + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) {
        x++;
      }
      reach[zero + k] = x;
      if (x >= old.length && x - k >= now.length) {
        return walked(trace, old.length, now.length);
      }
    }
  }
  return undefined;
}

/** Returns a number for each line, the same for lines that are the same: numbers are compared at once. */
function numbered(a: readonly string[], b: readonly string[]): [Int32Array, Int32Array] {
  const known = new Map<string, number>();
  const numberOf = (line: string): number => {
    const number = known.get(line) ?? known.size;
    known.set(line, number);
    return number;
  };
  return [Int32Array.from(a, numberOf), Int32Array.from(b, numberOf)];
}

/** Walks back from the end, and joins steps that touch. */
function walked(trace: readonly Int32Array[], lengthA: number, lengthB: number): Hunk[] {
  const hunks: Hunk[] = [];
  let x = lengthA;
  let y = lengthB;
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const k = x - y;
    const zero = edits + 1;
    const left = trace[edits]?.[zero + k - 1] ?? -1;
    const right = trace[edits]?.[zero + k + 1] ?? -1;
    const down = k === -edits || (k !== edits && left < right);
    const before = down ? right : left;
    const beforeY = before - (down ? k + 1 : k - 1);
    const step: Hunk = down
      ? { from: before, to: before, start: beforeY, end: beforeY + 1 }
      : { from: before, to: before + 1, start: beforeY, end: beforeY };
    const last = hunks.at(-1);
    if (last !== undefined && last.from === step.to && last.start === step.end) {
      hunks[hunks.length - 1] = { from: step.from, to: last.to, start: step.start, end: last.end };
    } else {
      hunks.push(step);
    }
    x = before;
    y = beforeY;
  }
  return hunks.reverse();
}
