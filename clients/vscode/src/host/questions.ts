/** Answering a question outside the chat: the whole of it in a list, with no answer chosen before. */

import * as vscode from "vscode";
import type { AnswerParams, Option } from "../protocol_gen";
import type { Asked } from "../session/asking";
import { type Answer, needsOpening, pickAnswer } from "./asking";
import { openText } from "./opening";
import type { Parts } from "./parts";
import { whileOpen } from "./whileOpen";
import { withoutIcons } from "./words";

type Asking = Pick<Parts, "conversation" | "contents">;

/** Returns the open question of that id, or the oldest one; whoever asks it. */
export function openQuestion(parts: Pick<Parts, "conversation">, questionId?: string): Asked | undefined {
  const { asked } = parts.conversation;
  return questionId === undefined ? asked[0] : asked.find((it) => it.item.question.id === questionId);
}

/** Shows a question and its answers; closing it is none, and it closes by itself once it is answered elsewhere. */
export async function answerQuestion(
  parts: Asking & Pick<Parts, "server">,
  kinds?: readonly Option["kind"][],
  questionId?: string,
): Promise<void> {
  const asked = await toAnswer(parts, kinds, questionId);
  if (asked === undefined) {
    return;
  }
  const { sessionId, item } = asked;
  const ids = { sessionId, questionId: item.question.id };
  const chosen = await choice(parts, asked, kinds);
  if (chosen === undefined) {
    return;
  }
  const answer =
    chosen === "words"
      ? await inWords(parts, asked)
      : await finished(parts, chosen, { ...ids, optionId: chosen.id });
  if (answer !== undefined) {
    await parts.server.ask("postil/session/answer", answer);
  }
}

/** Returns the question that is meant: of several that can be answered so, the one that a person chooses. */
async function toAnswer(
  { conversation }: Asking,
  kinds?: readonly Option["kind"][],
  questionId?: string,
): Promise<Asked | undefined> {
  const open = conversation.asked.filter(
    ({ item: { question } }) => questionId === undefined || question.id === questionId,
  );
  const fits = ({ item: { question } }: Asked): boolean =>
    kinds === undefined || question.options.some((it) => kinds.includes(it.kind));
  const fitting = open.filter(fits);
  if (fitting.length === 0) {
    const why =
      open.length === 0
        ? "No question is open."
        : "No open question has that answer. “Postil: Answer…” shows those that they have.";
    void vscode.window.showInformationMessage(why);
    return undefined;
  }
  if (fitting.length === 1) {
    return fitting[0];
  }
  const items = fitting.map((asked) => ({
    label: withoutIcons(asked.item.question.title),
    description: withoutIcons(asked.who),
    detail: withoutIcons(asked.item.question.subject.replace(/\s+/g, " ").slice(0, 300)),
    asked,
  }));
  const said = { title: "Which question?", matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, said))?.asked;
}

/** Shows the whole of a question with those answers; one that takes words alone, and is short, needs no list. */
async function choice(
  parts: Asking,
  { sessionId, item: { question }, who }: Asked,
  kinds: readonly Option["kind"][] | undefined,
): Promise<Answer | undefined> {
  const answers: Answer[] = question.options.filter((it) => kinds === undefined || kinds.includes(it.kind));
  if (question.free_text && kinds === undefined) {
    if (answers.length === 0 && !needsOpening(question)) {
      return "words";
    }
    answers.push("words");
  }
  const title = who === "" ? question.title : `${question.title} (${who})`;
  const showAll = (name: string, text: string, language?: "diff"): Thenable<unknown> =>
    openText(parts, name, text, { language, preserveFocus: true });
  return whileOpen(parts, { sessionId, questionId: question.id }, (gone) =>
    pickAnswer({ title, question, answers, showAll }, gone),
  );
}

/** Asks for the words of an answer; none are no answer. */
async function inWords(
  parts: Pick<Parts, "conversation">,
  { sessionId, item: { question } }: Asked,
): Promise<AnswerParams | undefined> {
  const ids = { sessionId, questionId: question.id };
  const text = await whileOpen(parts, ids, (gone) =>
    vscode.window.showInputBox(
      { title: question.title, prompt: withoutIcons(question.subject), ignoreFocusOut: true },
      gone,
    ),
  );
  return text === undefined || text.trim() === "" ? undefined : { ...ids, text: text.trim() };
}

/**
 * Completes an answer that was given elsewhere than in the chat. Undefined is no answer.
 *
 * A question that this window did not know is shown in the chat, to be answered there; one that is not to be found is not answered.
 */
export async function completed(
  parts: Pick<Parts, "conversation">,
  answer: AnswerParams,
): Promise<AnswerParams | undefined> {
  const find = (): Asked | undefined =>
    parts.conversation.asked.find(
      (it) => it.sessionId === answer.sessionId && it.item.question.id === answer.questionId,
    );
  const known = find();
  if (known === undefined && typeof answer.sessionId === "string") {
    await parts.conversation.learn(answer.sessionId);
  }
  const asked = known ?? find();
  const option = asked?.item.question.options.find((it) => it.id === answer.optionId);
  if (asked !== undefined && known === undefined) {
    await vscode.commands.executeCommand("postil.goToQuestion", answer.questionId);
    return undefined;
  }
  if (asked !== undefined && answer.optionId === undefined) {
    return answer; // In words of its own, which the server holds against the question.
  }
  if (option === undefined) {
    void vscode.window.showInformationMessage(
      "That question is not open in this window: it was answered, its turn has ended, or another window has it.",
    );
    return undefined;
  }
  return finished(parts, option, answer);
}

/** Asks for what an answer needs besides its option: the words of a denial, a look at a lasting rule. */
async function finished(
  parts: Pick<Parts, "conversation">,
  option: Option,
  answer: AnswerParams,
): Promise<AnswerParams | undefined> {
  if (option.kind === "reject_with_reason" && (answer.text ?? "") === "") {
    const told = { title: option.title, prompt: "What the agent is told.", ignoreFocusOut: true };
    const text = await whileOpen(parts, answer, (gone) => vscode.window.showInputBox(told, gone));
    return text === undefined ? undefined : { ...answer, text };
  }
  if (option.kind === "allow_always" && option.note !== "") {
    const said = {
      title: "Always allow",
      placeHolder: "Enter sets the rules that stand here; Escape leaves the question open.",
      ignoreFocusOut: true,
    };
    const chosen = await whileOpen(parts, answer, (gone) =>
      vscode.window.showQuickPick(lastingRules(option), said, gone),
    );
    return chosen === undefined ? undefined : answer;
  }
  return answer;
}

/** What an answer would always allow, in words, each with its rule; below, what else that allows and where it is kept. */
function lastingRules(option: Option): vscode.QuickPickItem[] {
  const rules = option.note.split("\n");
  const words = option.allows.split("\n");
  const detail = [option.also && `Also allows ${option.also}`, option.kept && `Kept ${option.kept}`]
    .filter((it) => it !== "")
    .join(" · ");
  return rules.map((rule, at) => ({
    label: withoutIcons(words[at] || rule),
    description: withoutIcons(words[at] ? rule : ""),
    detail: withoutIcons(detail),
  }));
}
