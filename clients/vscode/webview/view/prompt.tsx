/** A prompt, and what can be done with it: edit and resend, rewind to before it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PreviewResult, PromptContext, PromptReceived } from "../../src/protocol_gen";
import type { Session, Turn } from "../../src/session/model";
import { attachedAgain } from "../again";
import { count, relative } from "../format";
import { labelOf } from "../label";
import { brief, clipped, revealed } from "../markdown/reveal";
import { Icon, type IconName, Link, useChat } from "./basics";

type What = "edit" | "rewind";

export function Prompt({ turn, session }: { turn: Turn; session: Session }): JSX.Element {
  const chat = useChat();
  const [asks, setAsks] = useState<{ what: What; preview: PreviewResult } | null>(null);
  const ids = { sessionId: session.id, turnId: turn.id };
  const go = async (what: What, preview: PreviewResult): Promise<void> => {
    setAsks(null);
    const done = await chat.tell(() =>
      chat.host.request("postil/session/rewind", {
        ...ids,
        plan: preview.plan,
        files: true,
        conversation: true,
      }),
    );
    if (done === null || what === "rewind") return;
    chat.giveBack(turn.prompt.text, attachedAgain(turn.prompt), session.id);
    chat.wanted = "composer";
    chat.changed();
  };
  const look = async (what: What): Promise<void> => {
    const preview = await chat.tell(() => chat.host.request("postil.server.session.preview", ids));
    if (preview === null) return;
    const quiet = preview.files.length + preview.left.length + preview.commands.length === 0;
    if (quiet && chat.settings?.confirmRewind === false) await go(what, preview);
    else setAsks({ what, preview });
  };
  return (
    <div class="prompt" data-prompt={turn.id}>
      <span class="sr">You:</span>
      <p class="words">{clipped(revealed(turn.prompt.text))}</p>
      <Chips context={turn.prompt.context} />
      {turn.routed && !chat.readOnly && !chat.busy && (
        <div class="tools">
          {!turn.prompt.checks && (
            <button type="button" class="lk" onClick={() => void look("edit")}>
              Edit and resend
            </button>
          )}
          <button type="button" class="lk" onClick={() => void look("rewind")}>
            Rewind to before this
          </button>
        </div>
      )}
      {asks !== null && (
        <Says
          what={asks.what}
          preview={asks.preview}
          session={session}
          go={() => void go(asks.what, asks.preview)}
          leave={() => setAsks(null)}
        />
      )}
    </div>
  );
}

/** A prompt that joined the turn: what can be done is done with the turn's own. */
export function Joined({ prompt }: { prompt: PromptReceived }): JSX.Element {
  return (
    <div class="prompt">
      <span class="sr">You, while it worked:</span>
      <p class="words">{clipped(revealed(prompt.text))}</p>
      <Chips context={prompt.context} />
    </div>
  );
}

/** What going back would do, said before it is done. */
function Says(props: {
  what: What;
  preview: PreviewResult;
  session: Session;
  go: () => void;
  leave: () => void;
}): JSX.Element {
  const { preview, session } = props;
  const names = (uris: readonly string[]): string =>
    uris.map((it) => relative(decodeURIComponent(it.replace(/^file:\/\//, "")), session.roots)).join(", ");
  const of = (doing: string): string[] =>
    preview.files.filter((it) => it.doing === doing).map((it) => it.uri);
  const facts: [string, string][] = [
    ["Restores", names([...of("restore"), ...of("bring_back"), ...of("move_back")])],
    ["Merges", names(of("merge"))],
    ["Removes", names(of("remove"))],
    ["Stays", preview.left.map((it) => `${names([it.uri])}: ${it.why}`).join("; ")],
    ["Cannot undo", preview.commands.join(", ")],
  ];
  const shown = facts.filter(([, text]) => text !== "");
  return (
    <div class="says" role="group" aria-label="What this does">
      <p class="muted">
        {preview.files.length === 0
          ? "The conversation goes back to before this prompt. No file changes."
          : `The conversation and ${count(preview.files.length, "file")} go back to before this prompt.`}
        {preview.incomplete && " Some changes are missing from the record and stay as they are."}
      </p>
      {shown.length > 0 && (
        <dl class="fact">
          {shown.map(([name, text]) => (
            <>
              <dt>{name}</dt>
              <dd>{brief(text, 4_000)}</dd>
            </>
          ))}
        </dl>
      )}
      <Link act={props.go}>{props.what === "edit" ? "Rewind and edit" : "Rewind"}</Link>
      <Link act={props.leave}>Leave it</Link>
    </div>
  );
}

const CONTEXT_ICONS: Record<string, IconName> = {
  file: "file",
  selection: "file-code",
  symbol: "symbol-method",
  diagnostic: "warning",
  diagnostics: "warning",
  diff: "diff-single",
  session: "history",
};

export function Chips({ context }: { context: readonly PromptContext[] }): JSX.Element | null {
  const chat = useChat();
  if (context.length === 0) return null;
  return (
    <ul class="chips">
      {context.map((it, place) => (
        <li key={place}>
          <button
            type="button"
            class="chip"
            title={it.note === "" ? undefined : brief(it.note)}
            disabled={it.path === ""}
            onClick={() =>
              chat.host.command("openFile", {
                path: it.path,
                ...(it.first_line > 0 ? { line: it.first_line } : {}),
              })
            }
          >
            <Icon name={CONTEXT_ICONS[it.kind] ?? "file"} />
            <span>{brief(labelOf(it))}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
