/** A restart that a setting wants: as soon as no session works, in view or out of it; nothing here knows VS Code. */

import type { UnderWay } from "./underWay";

export interface AfreshParts {
  /** Whether the session in view works: known without asking. */
  readonly busy: () => boolean;
  /** Whether any session of the server works. */
  readonly works: () => Promise<boolean>;
  /** Whether there is a server to ask. */
  readonly ready: () => boolean;
  /** What the server has not answered yet: it may begin work. */
  readonly underWay: UnderWay;
  readonly restart: () => void;
}

export class Afresh {
  private wanted = false;
  private asking = false;
  /** How often something changed: what was asked before the last time may be out of date. */
  private changes = 0;

  constructor(private readonly parts: AfreshParts) {}

  /** A setting has changed that the server is started with. */
  want(): void {
    this.wanted = true;
    void this.look();
  }

  /** What the server was started with is what counts again. */
  leave(): void {
    this.wanted = false;
  }

  /** Looks whether the time has come; called whenever something has changed. */
  async look(): Promise<void> {
    this.changes += 1;
    if (!this.wanted || this.asking) {
      return;
    }
    this.asking = true;
    let seen: number;
    do {
      seen = this.changes;
      await this.once(seen);
    } while (seen !== this.changes);
    this.asking = false;
  }

  private async once(seen: number): Promise<void> {
    const { busy, ready, works, underWay, restart } = this.parts;
    if (!this.wanted || busy()) {
      return;
    }
    if (ready()) {
      await underWay.none();
      // Where it is not to be learned whether one works, nothing is interrupted.
      const interrupts = await works().catch(() => true);
      if (underWay.any) {
        this.changes += 1;
      }
      if (interrupts || busy() || seen !== this.changes) {
        return;
      }
    }
    this.wanted = false;
    restart();
  }
}
