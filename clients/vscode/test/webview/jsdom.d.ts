/** As much of jsdom as the tests use. */
declare module "jsdom" {
  export class JSDOM {
    constructor(
      html: string,
      options?: { url?: string; pretendToBeVisual?: boolean; runScripts?: "outside-only" },
    );
    readonly window: Window & typeof globalThis;
  }
}
