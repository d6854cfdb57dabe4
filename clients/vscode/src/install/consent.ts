/** The consent to installing the server: asked for in every place at once, and given once. */

/** The Python that it would be installed with. */
export interface Asked {
  readonly version: string;
  readonly path: string;
}

interface Open {
  readonly about: Asked;
  readonly answer: Promise<boolean>;
  readonly settle: (agreed: boolean) => void;
}

/** Holds what is asked. Nothing but a yes answers it: whoever closes a message is asked on. */
export class Consent {
  private open: Open | undefined;

  /** What is asked about now. */
  get asked(): Asked | undefined {
    return this.open?.about;
  }

  /** Asks; who asks about the same Python meanwhile gets the same answer, and about another one takes its place. */
  ask(about: Asked): Promise<boolean> {
    if (this.open !== undefined && same(this.open.about, about)) {
      return this.open.answer;
    }
    this.withdraw();
    let settle: Open["settle"] = () => undefined;
    const answer = new Promise<boolean>((resolve) => (settle = resolve));
    this.open = { about, answer, settle };
    return answer;
  }

  /** Takes a yes to what was shown; to anything but what is asked now it is none. */
  give(about: Asked): void {
    if (this.open !== undefined && same(this.open.about, about)) {
      this.end(true);
    }
  }

  /** It is not needed any more. */
  withdraw(): void {
    this.end(false);
  }

  private end(agreed: boolean): void {
    const open = this.open;
    this.open = undefined;
    open?.settle(agreed);
  }
}

/** Returns what is said of it where there is room for a sentence alone. */
export function consentWords({ version, path }: Asked): string {
  return (
    `Postil’s server is installed into a private environment, with Python ${version} from ${path} and packages from ` +
    "your package index, each held against its hash. Nothing else on this machine changes."
  );
}

function same(one: Asked, other: Asked): boolean {
  return one.version === other.version && one.path === other.path;
}
