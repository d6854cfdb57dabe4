/** Asking a person about a question for as long as it is open: what was answered elsewhere is asked no more. */

import * as vscode from "vscode";
import type { Conversation } from "./conversation";

/** Names a question. */
export interface Named {
  readonly sessionId: string;
  readonly questionId: string;
}

/** Asks with a token that is cancelled once the question is open no more; what is said after that is no answer. */
export async function whileOpen<T>(
  { conversation }: { readonly conversation: Conversation },
  { sessionId, questionId }: Named,
  ask: (gone: vscode.CancellationToken) => Thenable<T | undefined>,
): Promise<T | undefined> {
  const gone = new vscode.CancellationTokenSource();
  const look = (): void => {
    const open = conversation.asked.some(
      (it) => it.sessionId === sessionId && it.item.question.id === questionId,
    );
    if (!open) {
      gone.cancel();
    }
  };
  const listener = conversation.onChange(look);
  try {
    look();
    const said = await ask(gone.token);
    return gone.token.isCancellationRequested ? undefined : said;
  } finally {
    listener.dispose();
    gone.dispose();
  }
}
