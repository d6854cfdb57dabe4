/** Whether anything was heard of a document lately: what others find in it is about its newest text once nothing was. */

/** For how many milliseconds it has to be quiet. */
const QUIET = 400;
/** The milliseconds after which it is not waited for any longer. */
const LONGEST = 1_800;

/** Knows when something was last heard, by any name. */
export class Quiet {
  private readonly heard = new Map<string, number>();

  hear(name: string): void {
    this.heard.set(name, Date.now());
  }

  /** Waits until it is quiet about all of these; at once where it has been for long enough. */
  async about(...names: readonly string[]): Promise<void> {
    const until = Date.now() + LONGEST;
    for (let left = this.left(names); left > 0 && Date.now() < until; left = this.left(names)) {
      const wait = Math.min(left, until - Date.now());
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  private left(names: readonly string[]): number {
    return Math.max(...names.map((it) => this.heard.get(it) ?? -Infinity)) + QUIET - Date.now();
  }
}
