/** What of the view outlives a reload: what is being written, what waits to be sent, which rows are open, and the place. */
import type { PromptContext } from "../src/protocol_gen";

export interface Attachment {
  label: string;
  context: PromptContext;
}

export interface Queued {
  text: string;
  attachments: Attachment[];
}

export interface Kept {
  sessionId: string | null;
  draft: string;
  attachments: Attachment[];
  queue: Queued[];
  /** Rows that somebody opened or closed, by key. */
  open: Record<string, boolean>;
  /** How far up the conversation stands, in pixels from its end; 0 follows what comes. */
  fromEnd: number;
}

const MOST_ROWS = 500;

export function nothingKept(): Kept {
  return { sessionId: null, draft: "", attachments: [], queue: [], open: {}, fromEnd: 0 };
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
    queue: Array.isArray(kept.queue) ? kept.queue.filter(isQueued) : none.queue,
    open: isOpen(kept.open) ? kept.open : none.open,
    fromEnd: typeof kept.fromEnd === "number" && kept.fromEnd > 0 ? kept.fromEnd : 0,
  };
}

/** Drop what was said of the oldest rows. */
export function pruned(open: Record<string, boolean>): Record<string, boolean> {
  const all = Object.entries(open);
  return all.length <= MOST_ROWS ? open : Object.fromEntries(all.slice(all.length - MOST_ROWS));
}

function isAttachment(value: unknown): value is Attachment {
  const it = value as Partial<Attachment> | null;
  return typeof it === "object" && typeof it?.label === "string" && typeof it.context?.kind === "string";
}

function isQueued(value: unknown): value is Queued {
  const it = value as Partial<Queued> | null;
  return (
    typeof it === "object" &&
    typeof it?.text === "string" &&
    Array.isArray(it.attachments) &&
    it.attachments.every(isAttachment)
  );
}

function isOpen(value: unknown): value is Record<string, boolean> {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((it) => typeof it === "boolean")
  );
}
