/** What is asked of the server, by the types that are generated from it. */

import type { Commands, Requests } from "../protocol_gen";

/** As much of a language client as asking needs. */
export interface Connection {
  sendRequest<R>(method: string, params: unknown): Promise<R>;
}

/** Everything that can be asked: requests of Postil's own, and commands of the server. */
export type Methods = Requests & Commands;

/** Asks the server. Rejects with a sentence for a person. */
export function ask<M extends keyof Methods>(
  connection: Connection,
  method: M,
  params: Methods[M]["params"],
): Promise<Methods[M]["result"]> {
  if (method.startsWith("postil.server.")) {
    return connection.sendRequest("workspace/executeCommand", { command: method, arguments: [params] });
  }
  return connection.sendRequest(method, params);
}

/** Returns what went wrong, as a sentence. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
