/** What a session is called, and what is said of it in lists: a title by the server's rule, said while it is typed. */

import type { SessionRow } from "../protocol_gen";
import { withoutIcons } from "./words";

const LONGEST = 80;

/** Returns what is wrong with a title; undefined where nothing is. */
export function wordOnTitle(title: string): string | undefined {
  const length = Array.from(title.trim().replace(/\s+/g, " ")).length;
  if (length === 0) {
    return "A title needs a word.";
  }
  return length > LONGEST ? `A title has at most ${LONGEST} characters; this one has ${length}.` : undefined;
}

/** Returns how many turns a session has, in words; undefined where only replaying it would tell. */
export function countOfTurns(count: number | null): string | undefined {
  if (count === null) {
    return undefined;
  }
  return count === 1 ? "1 turn" : `${count} turns`;
}

/** Returns a session as a list shows it: the icon is ours, and what stands in its title is a word. */
export function labelOf(row: Pick<SessionRow, "title" | "busy" | "questions">): string {
  const icon = row.questions > 0 ? "question" : row.busy ? "sync~spin" : "comment-discussion";
  return `$(${icon}) ${row.title === "" ? "New session" : withoutIcons(row.title)}`;
}

/** Returns an item of a list whose words are words: VS Code would make icons of some of them. */
export function inWords<T extends { label: string; description?: string; detail?: string }>(item: T): T {
  const { label, description, detail } = item;
  return {
    ...item,
    label: withoutIcons(label),
    ...(description === undefined ? {} : { description: withoutIcons(description) }),
    ...(detail === undefined ? {} : { detail: withoutIcons(detail) }),
  };
}
