/** What of the view outlives a reload: what is being written, which rows are open, and the place. */
import type { PromptContext } from "../src/protocol_gen";
import { readWritten, type Writing } from "./drafts";

export interface Attachment {
  label: string;
  context: PromptContext;
}

/** Tell attachments apart: what they are called is the same for files of many folders. */
export function attachmentKey({ context: { kind, path, first_line, last_line, name } }: Attachment): string {
  return JSON.stringify([kind, path, first_line, last_line, name]);
}

/** Return what each is called beside the others: where files of two folders are called the same, with the folder before it. */
export function attachmentNames(all: readonly Attachment[]): string[] {
  const parts = (it: Attachment): string[] => it.context.path.split(/[\\/]/);
  return all.map((it) => {
    const folder = parts(it).at(-2) ?? "";
    const other = all.filter((one) => one.context.path !== it.context.path);
    const alone = other.every((one) => parts(one).at(-1) !== parts(it).at(-1));
    return alone || folder === "" ? it.label : `${folder}/${it.label}`;
  });
}

export interface Kept {
  sessionId: string | null;
  draft: string;
  attachments: Attachment[];
  /** What is being written in sessions that are out of view. */
  written: Record<string, Writing>;
  /** Rows that somebody opened or closed, by key. */
  open: Record<string, boolean>;
  /** How far up the conversation stands, in pixels from its end; 0 follows what comes. */
  fromEnd: number;
}

const MOST_ROWS = 500;

export function nothingKept(): Kept {
  return { sessionId: null, draft: "", attachments: [], written: {}, open: {}, fromEnd: 0 };
}

/** Read what was kept; anything that is not as it should be is as if it were not there. */
export function readKept(value: unknown): Kept {
  const none = nothingKept();
  if (typeof value !== "object" || value === null) return none;
  const kept = value as Partial<Record<keyof Kept, unknown>>;
  return {
    sessionId: typeof kept.sessionId === "string" ? kept.sessionId : none.sessionId,
    draft: typeof kept.draft === "string" ? kept.draft : none.draft,
    attachments: Array.isArray(kept.attachments) ? kept.attachments.filter(isAttachment) : none.attachments,
    written: readWritten(kept.written),
    open: isOpen(kept.open) ? kept.open : none.open,
    fromEnd: typeof kept.fromEnd === "number" && kept.fromEnd > 0 ? kept.fromEnd : 0,
  };
}

/** Drop what was said of the oldest rows. */
export function pruned(open: Record<string, boolean>): Record<string, boolean> {
  const all = Object.entries(open);
  return all.length <= MOST_ROWS ? open : Object.fromEntries(all.slice(all.length - MOST_ROWS));
}

export function isAttachment(value: unknown): value is Attachment {
  const it = value as Partial<Attachment> | null;
  return [it?.label, it?.context?.kind, it?.context?.path].every((text) => typeof text === "string");
}

function isOpen(value: unknown): value is Record<string, boolean> {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((it) => typeof it === "boolean")
  );
}

/** How a session was found when it was opened. */
export interface Found {
  suspended: boolean;
  readOnly: boolean;
  note: string;
}
