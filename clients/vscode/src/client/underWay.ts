/** What the server was asked and has not answered yet: it is not left in the middle of that. */

export class UnderWay {
  private readonly asked = new Set<Promise<unknown>>();

  get any(): boolean {
    return this.asked.size > 0;
  }

  /** Counts a request until it is answered, however it is; returns its answer. */
  async through<T>(answer: Promise<T>): Promise<T> {
    this.asked.add(answer);
    try {
      return await answer;
    } finally {
      this.asked.delete(answer);
    }
  }

  /** Waits until everything is answered, what is asked meanwhile included. */
  async none(): Promise<void> {
    while (this.any) {
      await Promise.allSettled(this.asked);
    }
  }
}
