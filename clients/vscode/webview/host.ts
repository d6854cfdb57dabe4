/** The line to the extension host. */
import {
  type AllowedMethod,
  type ChatCommand,
  type ChatCommands,
  type FromView,
  type ParamsOf,
  readToView,
  type ResultOf,
  type ToView,
} from "../src/chat/messages";

export interface Api {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Sends what the webview asks, and hands over what comes and fits. */
export class Host {
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;

  constructor(
    private readonly api: Api,
    private readonly take: (message: ToView) => void,
  ) {}

  /** Read what arrived; what does not fit is dropped, with a word to the log. */
  receive(data: unknown): void {
    const read = readToView(data);
    if (!read.ok) {
      this.send({ type: "fault", message: `The chat dropped a message: ${read.why}.` });
      return;
    }
    if (read.message.type !== "response") {
      this.take(read.message);
      return;
    }
    const { id, result, error } = read.message;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  send(message: FromView): void {
    this.api.postMessage(message);
  }

  /** Ask the server. Rejects with a sentence for a person. */
  request<M extends AllowedMethod>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>> {
    const id = this.next++;
    const answer = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.send({ type: "request", id, method, params: { ...params } });
    return answer as Promise<ResultOf<M>>;
  }

  command<C extends ChatCommand>(command: C, args: ChatCommands[C]): void {
    this.send({ type: "command", command, args: { ...args } });
  }

  /** What was kept over a reload of the view. */
  get kept(): unknown {
    return this.api.getState();
  }

  keep(state: unknown): void {
    this.api.setState(state);
  }
}
