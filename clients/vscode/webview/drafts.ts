/** What is being written, session by session: words that are written in one are not sent in another. */
import { type Attachment, isAttachment, type Kept } from "./kept";

export interface Writing {
  draft: string;
  attachments: Attachment[];
}

/** Of so many sessions beside the one in view it is kept. */
const MOST = 20;
const NOTHING: Writing = { draft: "", attachments: [] };

/** What is kept once another session is in view: what was written for none, or in one that is gone, goes along. */
export function movedTo(kept: Kept, sessionId: string | null): Pick<Kept, keyof Writing | "written"> {
  const { draft, attachments } = kept;
  if (kept.sessionId === null || sessionId === null) {
    const there = kept.written[sessionId ?? ""] ?? NOTHING;
    return { ...joined(there, { draft, attachments }), written: without(kept.written, sessionId) };
  }
  const there = kept.written[sessionId] ?? NOTHING;
  const rest = without(kept.written, sessionId);
  return { ...there, written: put(rest, kept.sessionId, { draft, attachments }) };
}

/** What is kept once words are given back to the session that they were written in, before what is written there by now. */
export function givenBack(kept: Kept, sessionId: string | null, given: Writing): Partial<Kept> {
  if (sessionId === null || sessionId === kept.sessionId) return joined(given, kept);
  const there = kept.written[sessionId] ?? NOTHING;
  return { written: put(kept.written, sessionId, joined(given, there)) };
}

/** Read what was kept of it; anything that is not as it should be is left out. */
export function readWritten(value: unknown): Record<string, Writing> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([id, it]: [string, Partial<Writing> | null]) =>
      typeof it?.draft === "string" && Array.isArray(it.attachments)
        ? [[id, { draft: it.draft, attachments: it.attachments.filter(isAttachment) }]]
        : [],
    ),
  );
}

function joined(first: Writing, second: Writing): Writing {
  const draft = [first.draft, second.draft].filter((it) => it !== "").join("\n");
  return { draft, attachments: [...first.attachments, ...second.attachments] };
}

/** What was written last stands last; the oldest goes. */
function put(all: Record<string, Writing>, id: string, writing: Writing): Record<string, Writing> {
  const rest = Object.entries(without(all, id));
  const nothing = writing.draft === "" && writing.attachments.length === 0;
  return Object.fromEntries(nothing ? rest : [...rest, [id, writing] as const].slice(-MOST));
}

function without(all: Record<string, Writing>, id: string | null): Record<string, Writing> {
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== id));
}
