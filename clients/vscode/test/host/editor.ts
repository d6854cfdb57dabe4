/** As much of VS Code as the host's own parts touch in tests: it notes what is shown, and answers what it was told to. */
import Module from "node:module";

type Load = (name: string, ...more: unknown[]) => unknown;

export interface Shown {
  readonly what: "message" | "error" | "pick" | "input" | "command";
  readonly text: string;
  readonly labels: readonly string[];
}

export const shown: Shown[] = [];
/** What the person does with each pick or input, in order; nothing left is Escape. */
export const does: string[] = [];

class EventEmitter<T> {
  private readonly listeners = new Set<(it: T) => void>();
  readonly event = (listener: (it: T) => void): { dispose(): void } => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };
  fire(it: T): void {
    for (const listener of [...this.listeners]) listener(it);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

interface Pickable {
  label: string;
}

class CancellationTokenSource {
  private readonly cancelled = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.cancelled.event };
  cancel(): void {
    if (this.token.isCancellationRequested) return;
    this.token.isCancellationRequested = true;
    this.cancelled.fire();
  }
  dispose(): void {
    this.cancelled.dispose();
  }
}
type Token = CancellationTokenSource["token"];

/** Resolves to what the person does, or to nothing when it is taken away before they have. */
function unlessGone<T>(
  token: Token | undefined,
  said: T | undefined,
  waits: boolean,
): Promise<T | undefined> {
  if (token?.isCancellationRequested === true) return Promise.resolve(undefined);
  if (!waits) return Promise.resolve(said);
  return new Promise((resolve) => token?.onCancellationRequested(() => resolve(undefined)));
}

/** A list as VS Code shows it: with new items, or another filter, the first that fits becomes active. */
class QuickPick {
  title = "";
  placeholder = "";
  value = "";
  shown = false;
  activeItems: readonly Pickable[] = [];
  selectedItems: readonly Pickable[] = [];
  private all: readonly Pickable[] = [];
  private readonly accepted = new EventEmitter<void>();
  private readonly hidden = new EventEmitter<void>();
  private readonly typed = new EventEmitter<string>();
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  readonly onDidChangeValue = this.typed.event;
  readonly onDidTriggerItemButton = new EventEmitter<never>().event;

  get items(): readonly Pickable[] {
    return this.all;
  }
  set items(to: readonly Pickable[]) {
    this.all = to;
    this.activateFirst();
  }
  get labels(): string[] {
    return this.all.map((it) => it.label);
  }
  private activateFirst(): void {
    this.activeItems = this.all.filter((it) => !("kind" in it) && it.label.includes(this.value)).slice(0, 1);
  }
  show(): void {
    this.shown = true;
  }
  hide(): void {
    if (this.shown) this.hidden.fire();
    this.shown = false;
  }
  dispose(): void {
    this.shown = false;
  }
  /** The person types. */
  type(text: string): void {
    this.value = text;
    this.activateFirst();
    this.typed.fire(text);
  }
  /** The person presses Enter, at what is active or at a row that they went to. */
  enter(label?: string): void {
    if (label !== undefined) this.activeItems = this.all.filter((it) => it.label === label);
    if (this.activeItems.length > 0) this.selectedItems = this.activeItems;
    this.accepted.fire();
  }
}
/** The lists that were made, in order. */
export const picks: QuickPick[] = [];
/** What the person leaves open, neither answered nor closed. */
export const LEFT = "\0left open";

export const editor = {
  EventEmitter,
  CancellationTokenSource,
  QuickPickItemKind: { Separator: -1 },
  ThemeIcon: class {
    constructor(readonly id: string) {}
  },
  window: {
    showInformationMessage: (text: string) => {
      shown.push({ what: "message", text, labels: [] });
      return Promise.resolve(undefined);
    },
    showErrorMessage: (text: string) => {
      shown.push({ what: "error", text, labels: [] });
      return Promise.resolve(undefined);
    },
    showQuickPick: (items: readonly Pickable[], options: { title: string }, token?: Token) => {
      shown.push({ what: "pick", text: options.title, labels: items.map((it) => it.label) });
      const wanted = does.shift();
      return unlessGone(
        token,
        items.find((it) => it.label === wanted),
        wanted === LEFT,
      );
    },
    createQuickPick: () => {
      const pick = new QuickPick();
      picks.push(pick);
      return pick;
    },
    showInputBox: (options: { title: string }, token?: Token) => {
      shown.push({ what: "input", text: options.title, labels: [] });
      const said = does.shift();
      return unlessGone(token, said, said === LEFT);
    },
  },
  commands: {
    executeCommand: (text: string) => {
      shown.push({ what: "command", text, labels: [] });
      return Promise.resolve(undefined);
    },
  },
};

const loader = Module as unknown as { _load: Load };
const load = loader._load;
// From here on `vscode` is this: what imports it is imported after.
loader._load = (name, ...more) => (name === "vscode" ? editor : load.call(Module, name, ...more));

/** Returns once everything that could go on has. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
