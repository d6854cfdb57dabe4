/** The model's words: blocks that are painted once, and the last one as it grows. */
import { memo } from "preact/compat";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Block, growing } from "../markdown/blocks";
import { code as codeFragment, prose as proseFragment } from "../markdown/render";
import { brief, clipped, revealed } from "../markdown/reveal";
import { Tool, useChat } from "./basics";

/** Longer prose is shown as it is written: nobody reads it, and to parse it again and again would stall the page. */
const LONGEST_PROSE = 60_000;
/** Characters of code that are shown; the rest can be opened. */
const LONGEST_CODE = 120_000;

export function Prose({ text, live }: { text: string; live: boolean }): JSX.Element {
  const shown = live ? whole(text) : text;
  const read = useRef<ReturnType<typeof growing> | null>(null);
  read.current ??= growing();
  const blocks = read.current(shown);
  return (
    <div class="prose">
      {blocks.map((block, place) =>
        block.kind === "code" ? (
          <CodeBlock key={place} {...block} live={live && place === blocks.length - 1} />
        ) : (
          <TextBlock key={place} source={block.source} />
        ),
      )}
    </div>
  );
}

/** Text grows by whole words. Only its end is looked at: it may be long, and grows often. */
function whole(text: string): string {
  const cut = text.slice(-41).search(/\s\S*$/);
  if (cut < 0) return text.length > 40 ? text : "";
  return text.slice(0, Math.max(0, text.length - 41) + cut);
}

const TextBlock = memo(function TextBlock({ source }: { source: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const chat = useChat();
  useLayoutEffect(() => {
    if (box.current === null) return;
    if (source.length > LONGEST_PROSE) {
      const text = clipped(revealed(source.slice(0, LONGEST_PROSE)));
      if (box.current.textContent !== text) box.current.textContent = text;
      return;
    }
    box.current.replaceChildren(proseFragment(source));
  }, [source]);
  const follow = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null) return;
    event.preventDefault();
    const href = link.dataset["href"] ?? "";
    if (href !== "" && href !== "#") chat.host.command("openLink", { href: href.slice(0, 4_096) });
  };
  return <div class="block" ref={box} onClick={follow} onAuxClick={follow} />;
});

type CodeProps = Extract<Block, { kind: "code" }> & { live: boolean };

const CodeBlock = memo(function CodeBlock({ code, language, path, live }: CodeProps): JSX.Element {
  const chat = useChat();
  const pre = useRef<HTMLPreElement>(null);
  const shown = useMemo(() => clipped(revealed(code.slice(0, LONGEST_CODE))), [code]);
  const [marked, mark] = useState("");
  useLayoutEffect(() => {
    const box = pre.current;
    if (box === null || marked === shown) return;
    const node = box.firstChild;
    const grown = box.childNodes.length === 1 && node instanceof Text && shown.startsWith(node.data);
    if (grown) node.appendData(shown.slice(node.data.length));
    else box.textContent = shown;
  }, [shown]);
  useEffect(() => {
    if (live || language === "") return undefined;
    let gone = false;
    void import("../markdown/highlight").then(({ highlighted }) => {
      const html = highlighted(shown, language);
      if (gone || html === null || pre.current === null) return;
      pre.current.replaceChildren(codeFragment(html));
      mark(shown);
    });
    return () => {
      gone = true;
    };
  }, [shown, language, live]);
  const lines = code.split("\n").length;
  return (
    <div class="codeblock">
      <div class="bar">
        <span class="name">{brief(path !== "" ? path : language !== "" ? language : "text", 200)}</span>
        <Tool icon="copy" label="Copy" act={() => chat.host.command("copy", { text: code })} />
        <Tool
          icon="insert"
          label="Insert at cursor"
          act={() => chat.host.command("insertAtCursor", { text: code })}
        />
        <Tool
          icon="diff-single"
          label="Open diff"
          act={() => chat.host.command("previewCode", { path, text: code })}
        />
      </div>
      <pre
        ref={pre}
        tabIndex={0}
        role="group"
        aria-label={`Code, ${lines === 1 ? "1 line" : `${lines} lines`}`}
      />
      {code.length > LONGEST_CODE && (
        <button
          type="button"
          class="lk more"
          onClick={() => chat.host.command("openOutput", { title: "Code", text: code })}
        >
          Open all of it
        </button>
      )}
    </div>
  );
});
