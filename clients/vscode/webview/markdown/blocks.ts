/**
 * A text in Markdown, cut into its blocks.
 *
 * While a text grows, every block but the last stays as it is: those are painted once.
 */

export type Block =
  | { kind: "text"; source: string }
  | { kind: "code"; language: string; path: string; code: string; closed: boolean };

/** A block, and where in the text it begins. */
type Placed = Block & { from: number };

const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const listItem = /^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;

/** Return the blocks of a text, in order. Fenced code is a block by itself where it stands at the left edge. */
export function blocksOf(text: string): Block[] {
  return placed(text, 0).map(plain);
}

/** Return a function that gives the blocks of a text that grows: only its end is read again. */
export function growing(): (text: string) => Block[] {
  let known = "";
  let blocks: Placed[] = [];
  return (text) => {
    const stays = text.length >= known.length && text.startsWith(known) ? blocks.slice(0, -2) : [];
    const from = stays.length === 0 ? 0 : (blocks[stays.length]?.from ?? 0);
    const fresh = placed(text.slice(from), from);
    [known, blocks] = [text, [...stays, ...fresh]];
    return blocks.map(plain);
  };
}

function plain(block: Placed): Block {
  return block.kind === "text"
    ? { kind: "text", source: block.source }
    : { kind: "code", language: block.language, path: block.path, code: block.code, closed: block.closed };
}

function placed(text: string, offset: number): Placed[] {
  const blocks: Placed[] = [];
  let lines: string[] = [];
  let open: { mark: string; info: string; code: string[] } | null = null;
  let at = offset;
  let from = offset;
  const flush = (): void => {
    const source = lines.join("\n").trimEnd();
    if (source.trim() !== "") blocks.push({ kind: "text", source, from });
    lines = [];
  };
  for (const line of text.split("\n")) {
    const start = at;
    at += line.length + 1;
    if (open !== null) {
      if (closes(line, open.mark)) {
        blocks.push({ ...codeOf(open, true), from });
        open = null;
      } else {
        open.code.push(line);
      }
      continue;
    }
    const begins = fence.exec(line);
    if (begins !== null && !(begins[1]?.startsWith("`") === true && begins[2]?.includes("`") === true)) {
      flush();
      from = start;
      open = { mark: begins[1] ?? "", info: begins[2] ?? "", code: [] };
      continue;
    }
    if (startsBlock(lines, line)) flush();
    if (lines.length === 0) from = start;
    lines.push(line);
  }
  flush();
  if (open !== null) blocks.push({ ...codeOf(open, false), from });
  return blocks;
}

function closes(line: string, mark: string): boolean {
  const trimmed = line.trim();
  return (
    trimmed.length >= mark.length &&
    trimmed === (mark[0] ?? "`").repeat(trimmed.length) &&
    /^ {0,3}\S/.test(line)
  );
}

/** Whether a line begins another block than the lines before it are of. */
function startsBlock(lines: readonly string[], line: string): boolean {
  if (line.trim() === "" || lines.length === 0 || lines.at(-1)?.trim() !== "") return false;
  if (/^(?: {2,}|\t)/.test(line)) return false;
  const first = lines.find((it) => it.trim() !== "") ?? "";
  return !(listItem.test(first) && listItem.test(line));
}

function codeOf(open: { info: string; code: string[] }, closed: boolean): Block {
  const { language, path } = infoOf(open.info);
  return { kind: "code", language, path, code: open.code.join("\n"), closed };
}

/** Read a fence's words: *python*, *python src/a.py*, *python:src/a.py* or *src/a.py*. */
export function infoOf(info: string): { language: string; path: string } {
  const words = info.trim().split(/\s+/);
  const [first = "", ...rest] = words;
  const colon = first.indexOf(":");
  const language = (colon > 0 ? first.slice(0, colon) : first).replace(/[{}.]/g, (it) =>
    isPath(first) ? it : "",
  );
  const candidates = [
    colon > 0 ? first.slice(colon + 1) : "",
    ...rest.map((it) => it.replace(/^(?:title|file|path)=/, "").replace(/^["']|["']$/g, "")),
    first,
  ];
  const path = candidates.find(isPath) ?? "";
  return path === first ? { language: extension(path), path } : { language: language.toLowerCase(), path };
}

function isPath(word: string): boolean {
  return (
    /^[\w@.~-][\w@./\\ ~-]*$/.test(word) &&
    (word.includes("/") || /^[\w-]+\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(word))
  );
}

function extension(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > 0 ? path.slice(dot + 1).toLowerCase() : "";
}
