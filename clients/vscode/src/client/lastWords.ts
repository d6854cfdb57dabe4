/** What a server printed last before it ended: for a person that says more than that a connection is gone. */

import { settles } from "./succession";

const LONGEST = 300;
/** What it printed may be read after its end is known: for so long that is waited for. */
const READ_WITHIN = 1_000;

/** What the language client says of every end, whatever it came by. */
const SAYS_NOTHING = /connection (?:is|got) (?:closed|disposed)|Pending response rejected|EPIPE|ECONNRESET/i;

/** Keeps the last line that says something. */
export class LastWords {
  private line = "";
  private read: Promise<unknown> = Promise.resolve();

  /** Says when all that it prints has been read. */
  until(read: Promise<unknown>): void {
    this.read = read;
  }

  take(line: string): void {
    const said = line.trim();
    if (said !== "") {
      this.line = said.length > LONGEST ? `${said.slice(0, LONGEST - 1)}…` : said;
    }
  }

  /** Returns them, else why the client says that it ended; empty where neither says anything. */
  async or(why: string): Promise<string> {
    await settles(this.read, READ_WITHIN);
    if (this.line !== "") {
      return this.line;
    }
    return SAYS_NOTHING.test(why) ? "" : why;
  }
}
