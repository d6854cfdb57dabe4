/** What this client does between VS Code and the server: it asks for the words that some commands want. */

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { AnswerParams, PlaceParams } from "../protocol_gen";
import type { UnderWay } from "./underWay";

/** Takes an answer that needs more than its option; undefined where the person gave none. */
export type Completes = (answer: AnswerParams) => Promise<AnswerParams | undefined>;

const ANSWER = "postil.server.session.answer";
const ASK = "postil.server.ask";

/** Returns the middleware. */
export function middleware(completes: Completes, underWay: UnderWay): Middleware {
  return {
    executeCommand: async (command, args, next) => {
      const run = (given: unknown[]): Promise<unknown> =>
        underWay.through(Promise.resolve(next(command, given)));
      const first: unknown = args[0];
      if (command === ANSWER && isObject(first)) {
        const whole = await completes(first as unknown as AnswerParams);
        return whole === undefined ? undefined : run([whole]);
      }
      if (command === ASK && isObject(first) && first["text"] === undefined) {
        const text = await askedWords();
        const place: PlaceParams = { ...(first as unknown as PlaceParams), text: text ?? "" };
        return text === undefined ? undefined : run([place]);
      }
      return run(args);
    },
  };
}

/** Asks what the agent is to do; empty is an answer: what the selected text says. */
export function askedWords(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: "Ask agent",
    prompt: "Enter alone: do what the selected text asks for.",
    placeHolder: "What is to be done here?",
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
