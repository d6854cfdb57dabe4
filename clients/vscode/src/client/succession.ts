/** One life after another: the next begins when the one before has ended, however often and whenever it is asked for. */

export interface Life {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** Holds the one that lives. It can only be ended in order once it has begun, so an end waits for that, for a while. */
export class Succession {
  private life: Life | undefined;
  private beginning: Promise<unknown> = Promise.resolve();
  private ending: Promise<void> | undefined;
  private renewing: Promise<void> | undefined;

  constructor(private readonly patience: number) {}

  /** Begins one, after the end of what was there; rejects where its own beginning does. */
  async begin(life: Life): Promise<void> {
    if (this.life !== undefined || this.ending !== undefined) {
      await this.end();
    }
    this.life = life;
    const begun = life.begin();
    this.beginning = begun.catch(() => undefined);
    await begun;
  }

  /** Forgets one that has ended by itself. */
  lost(): void {
    this.life = undefined;
  }

  /** Ends what is there; who asks for it meanwhile waits for the same end. */
  end(): Promise<void> {
    this.ending ??= this.close().finally(() => {
      this.ending = undefined;
    });
    return this.ending;
  }

  /** Ends what is there and has `next` follow. Until that is under way, who asks again gets the same. */
  renew(next: () => Promise<void>): Promise<void> {
    this.renewing ??= this.end()
      .finally(() => {
        this.renewing = undefined;
      })
      .then(next);
    return this.renewing;
  }

  private async close(): Promise<void> {
    const life = this.life;
    if (life === undefined) {
      return;
    }
    this.life = undefined;
    const beginning = this.beginning;
    if (await settles(beginning, this.patience)) {
      await life.end();
      return;
    }
    // It never began, and may yet: it ends then, and nobody waits for that.
    void beginning.then(() => life.end());
  }
}

/** Whether it settles within so many milliseconds. */
export async function settles(what: Promise<unknown>, within: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), within);
  });
  const settled = await Promise.race([what.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}
