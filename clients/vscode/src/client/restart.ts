/** Whether a server that died is started again, and after how long. */

const WINDOW = 3 * 60_000;
const MOST = 5;
const FIRST = 500;
const LONGEST = 30_000;

export type Verdict =
  { readonly again: true; readonly after: number } | { readonly again: false; readonly deaths: number };

/** Counts the deaths of a server. A server that has lived for three minutes starts with a clean sheet. */
export class RestartPolicy {
  private deaths: number[] = [];

  /** Takes note of a death at `now` (milliseconds) and says what to do. */
  died(now: number): Verdict {
    this.deaths = this.deaths.filter((at) => now - at < WINDOW);
    this.deaths.push(now);
    if (this.deaths.length > MOST) {
      return { again: false, deaths: this.deaths.length };
    }
    return { again: true, after: Math.min(LONGEST, FIRST * 2 ** (this.deaths.length - 1)) };
  }

  /** Forgets them: a person wants another try. */
  reset(): void {
    this.deaths = [];
  }
}

/** Returns what is said when it is not started again: what happened, what is kept, what to do. */
export function gaveUp(deaths: number, last: string): string {
  const said = last === "" ? "" : ` It said last: ${/[.!?…]$/.test(last) ? last : `${last}.`}`;
  return (
    `The server ended ${deaths} times within three minutes.${said} Sessions and files are as they were. ` +
    "“Postil: Restart Server” tries again; “Postil: Show Log” says more."
  );
}
