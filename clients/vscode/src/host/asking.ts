/** The list that a question is answered in: all that it is about stands in view, or is opened before it can be allowed. */

import * as vscode from "vscode";
import type { Option, Question } from "../protocol_gen";
import { wrapped } from "./wrapping";
import { withoutIcons } from "./words";

/** An answer by an option, or in words. */
export type Answer = Option | "words";

interface Row extends vscode.QuickPickItem {
  readonly answer?: Answer;
  readonly all?: true;
}

export interface Offered {
  readonly title: string;
  readonly question: Question;
  readonly answers: readonly Answer[];
  /** Opens all that is asked about, beside the list. */
  readonly showAll: (title: string, text: string, language?: "diff") => Thenable<unknown>;
}

/** Rows of what is asked about that are in view together with the answers. */
const MOST_ROWS = 12;

/** Lets a person choose; nothing is chosen before they do, and closing it is no answer. */
export function pickAnswer(offered: Offered, gone: vscode.CancellationToken): Promise<Answer | undefined> {
  if (gone.isCancellationRequested) {
    return Promise.resolve(undefined);
  }
  const pick = vscode.window.createQuickPick<Row>();
  const unchosen = (): void => {
    pick.activeItems = pick.selectedItems = [];
  };
  const fill = (read: boolean): void => {
    pick.items = rows(offered, read);
    pick.placeholder =
      read || !needsOpening(offered.question)
        ? "No answer is chosen yet: choose one below."
        : "Read all of it first: it does not fit in here.";
    unchosen();
  };
  pick.title = offered.title;
  pick.ignoreFocusOut = true;
  pick.matchOnDescription = true;
  fill(false);
  return new Promise((resolve, reject) => {
    const end = gone.onCancellationRequested(() => pick.hide());
    pick.onDidChangeValue(unchosen);
    pick.onDidAccept(() => {
      const [row] = pick.selectedItems;
      unchosen();
      if (row?.all === true) {
        open(offered).then(
          () => fill(true),
          (error: unknown) => {
            reject(error instanceof Error ? error : new Error(String(error)));
            pick.hide();
          },
        );
      } else if (row?.answer !== undefined) {
        resolve(row.answer);
        pick.hide();
      }
    });
    pick.onDidHide(() => {
      end.dispose();
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}

/** Whether more is asked about than the list has in view. */
export function needsOpening(question: Question): boolean {
  return question.diff !== "" || about(question).length > MOST_ROWS;
}

function rows({ question, answers }: Offered, read: boolean): Row[] {
  const opening = needsOpening(question);
  const all: Row[] = opening
    ? [{ label: "Show all", detail: "Opens all that is asked about.", all: true }]
    : [];
  const given = answers.filter((it) => read || !opening || (it !== "words" && it.kind.startsWith("reject_")));
  const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    separator(opening ? "What it is about, in part" : "What it is about"),
    ...all,
    ...about(question).slice(0, MOST_ROWS),
    separator("Answers"),
    ...given.flatMap(rowsOf),
  ];
}

/** An answer with what it allows, which is to be read before it is given: what is longer than a row goes on below. */
function rowsOf(answer: Answer): Row[] {
  if (answer === "words") {
    return [{ label: "Answer in words…", answer }];
  }
  const { title, allows, note, also } = answer;
  const [detail = "", ...more] = [allows || note, also && `also allows ${also}`].flatMap((it) => wrapped(it));
  return [
    { label: withoutIcons(title), detail: withoutIcons(detail), answer },
    ...more.map((it): Row => ({ label: "", description: withoutIcons(it) })),
  ];
}

/** What is asked about in rows none of which is clipped; those that go on have no name. */
function about({ subject, facts }: Question): Row[] {
  const lines = wrapped(subject).map((it): Row => ({ label: withoutIcons(it) }));
  const known = facts.flatMap(({ name, text }) =>
    wrapped(`${name}: ${text}`).map((it): Row => ({ label: "", description: withoutIcons(it) })),
  );
  return [...lines, ...known];
}

function open({ question, showAll }: Offered): Thenable<unknown> {
  const { title, subject, facts, diff } = question;
  const short = about(question).length <= MOST_ROWS;
  const words = [subject, ...facts.map((it) => `${it.name}: ${it.text}`)].join("\n");
  return short ? showAll(title, diff, "diff") : showAll(title, diff === "" ? words : `${words}\n\n${diff}`);
}
