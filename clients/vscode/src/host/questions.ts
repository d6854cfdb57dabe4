/** Answering a question outside the chat: the whole of it in a QuickPick, with no answer chosen before. */

import * as vscode from "vscode";
import type { AnswerParams, Option, Question } from "../protocol_gen";
import type { Parts } from "./parts";

interface Choice extends vscode.QuickPickItem {
  readonly option?: Option;
}

/** Returns the open question of that id, or the oldest one. */
export function openQuestion(parts: Parts, questionId?: string): Question | undefined {
  const { questions } = parts.conversation.session;
  const item = questionId === undefined ? [...questions.values()][0] : questions.get(questionId);
  return item?.question;
}

/** Shows a question and its answers; closing it is none. */
export async function answerQuestion(
  parts: Parts,
  kinds?: readonly Option["kind"][],
  questionId?: string,
): Promise<void> {
  const question = openQuestion(parts, questionId);
  const sessionId = parts.conversation.id;
  if (question === undefined || sessionId === undefined) {
    void vscode.window.showInformationMessage("No question is open.");
    return;
  }
  const choice = await vscode.window.showQuickPick(choices(question, kinds), {
    title: question.title,
    placeHolder: question.subject,
    ignoreFocusOut: true,
  });
  if (choice?.option !== undefined) {
    const answer = await completed(parts, { sessionId, questionId: question.id, optionId: choice.option.id });
    if (answer !== undefined) {
      await parts.server.ask("postil/session/answer", answer);
    }
  }
}

function choices(question: Question, kinds?: readonly Option["kind"][]): Choice[] {
  const facts: Choice[] = question.facts.map((it) => ({ label: it.name, description: it.text }));
  const options: Choice[] = question.options
    .filter((it) => kinds === undefined || kinds.includes(it.kind))
    .map((option) => ({
      label: option.title,
      detail: [option.note, option.also].filter((it) => it !== "").join(" · "),
      option,
    }));
  const separator = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [separator("Answers"), ...options, separator("What it is about"), ...facts];
}

/** Asks for what an answer needs besides its option: the words of a denial, a look at a lasting rule. Undefined is no answer. */
export async function completed(parts: Parts, answer: AnswerParams): Promise<AnswerParams | undefined> {
  const option = openQuestion(parts, answer.questionId)?.options.find((it) => it.id === answer.optionId);
  if (option?.kind === "reject_with_reason" && (answer.text ?? "") === "") {
    const text = await vscode.window.showInputBox({
      title: option.title,
      prompt: "What the agent is told.",
      ignoreFocusOut: true,
    });
    return text === undefined ? undefined : { ...answer, text };
  }
  if (option?.kind === "allow_always" && option.note !== "") {
    const rules: vscode.QuickPickItem[] = option.note
      .split("\n")
      .map((label) => ({ label, detail: option.also }));
    const chosen = await vscode.window.showQuickPick(rules, {
      title: "Always allow",
      placeHolder: "Enter sets the rules that stand here; Escape leaves the question open.",
      ignoreFocusOut: true,
    });
    return chosen === undefined ? undefined : answer;
  }
  return answer;
}
