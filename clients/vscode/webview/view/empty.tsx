/** Before the first prompt: what Postil does, what it needs, and three things to try. */
import "@vscode-elements/elements/dist/vscode-button/index.js";
import type { ComponentChildren, HTMLAttributes, JSX } from "preact";
import { revealed } from "../markdown/reveal";
import { type IconName, Keys, Link, useChat } from "./basics";
import { Fixed } from "./row";

declare module "preact" {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way to say which elements there are
  namespace JSX {
    interface IntrinsicElements {
      "vscode-button": HTMLAttributes<HTMLElement> & { secondary?: boolean };
    }
  }
}

/** A prompt to begin with: the person sees it, changes it and sends it. */
const REVIEW = "Review my changes that are not committed yet. What is wrong with them, and what is missing?";

export function Empty(): JSX.Element {
  const chat = useChat();
  const status = chat.status;
  const ready =
    status !== null &&
    (status.key === "set" || status.key === "not_needed") &&
    status.python.state === "found";
  return (
    <div class="empty">
      <div class="lead">
        <h2>Ask, or hand over a task</h2>
        <p class="muted">
          What Postil reads here goes to the model you choose. It asks before it changes anything or goes
          online.
        </p>
      </div>
      {status?.install?.state === "waits" && <Consent python={status.install} />}
      {!ready && status !== null && <Needs />}
      {status?.sandbox.state === "none" && <NoSandbox why={status.sandbox.why} />}
      <div>
        <h3>Then try</h3>
        <div class="rows">
          <Try icon="lightbulb" keys="Ctrl .">
            <b>Ask agent to fix</b> on any problem
          </Try>
          <Try icon="code-review" act={() => chat.write(REVIEW)}>
            <b>Review my changes</b>
          </Try>
          <Try icon="comment" keys="Ctrl K Ctrl ↵">
            <b>Ask about the selection</b>
          </Try>
        </div>
      </div>
    </div>
  );
}

/** What the first start waits for. A message of the editor's asks the same and goes; this stays. */
function Consent({ python }: { python: { version: string; path: string } }): JSX.Element {
  const chat = useChat();
  const { version, path } = python;
  return (
    <div class="consent">
      <h3>Install Postil’s server?</h3>
      <p class="muted">
        {`It goes into a private environment, with Python ${revealed(version)} from ${revealed(path)} and packages from your `}
        package index, each held against its hash. Nothing else on this machine changes.
      </p>
      <div class="btns">
        <vscode-button onClick={() => chat.host.command("install", { version, path })}>Install</vscode-button>
        <vscode-button secondary onClick={() => chat.host.command("chooseInterpreter", {})}>
          Choose interpreter…
        </vscode-button>
      </div>
    </div>
  );
}

function Needs(): JSX.Element {
  const chat = useChat();
  const status = chat.status;
  if (status === null) return <></>;
  const { python, sandbox, key } = status;
  const noKey = key === "missing" || key === "rejected";
  return (
    <>
      <div class="rows">
        {python.state === "found" ? (
          <Fixed
            icon="pass"
            tone="ok"
            what={<b>{`Python ${revealed(python.version)}`}</b>}
            meta={revealed(python.path)}
          />
        ) : (
          python.state !== "unknown" && <NoPython />
        )}
        {sandbox.state === "ready" && (
          <Fixed icon="pass" tone="ok" what={<b>Sandbox</b>} meta={revealed(sandbox.name)} />
        )}
        {key === "set" && <Fixed icon="pass" tone="ok" what={<b>API key</b>} meta="in the secret storage" />}
        {noKey && (
          <Fixed
            icon="circle-large"
            what={<b>{key === "rejected" ? "The key was not accepted (401)" : "No API key"}</b>}
          />
        )}
      </div>
      {noKey && (
        <>
          <div class="btns">
            <vscode-button onClick={() => chat.host.command("setKey", {})}>Set API key…</vscode-button>
            <vscode-button secondary onClick={() => chat.host.command("useLocalServer", {})}>
              Use a local server…
            </vscode-button>
          </div>
          <p class="muted small">
            The key goes into the system’s secret storage. It is never written to settings or logs.
          </p>
        </>
      )}
    </>
  );
}

/** Said also when all else is there: it is why more is asked about. */
function NoSandbox({ why }: { why: string }): JSX.Element {
  return (
    <div class="rows">
      <Fixed
        icon="circle-large"
        what={
          <span class="wraps">
            <b>No sandbox</b>
            {why === "" ? "" : `: ${revealed(why)}`}. A command that is allowed can change what you can.
          </span>
        }
      />
    </div>
  );
}

function NoPython(): JSX.Element {
  const chat = useChat();
  const why = chat.status?.python.why ?? "";
  return (
    <div class="nopython">
      <Fixed icon="error" tone="bad" what={<span class="wraps">{revealed(why)}</span>} />
      <p class="under">
        <Link act={() => chat.host.command("chooseInterpreter", {})}>Choose interpreter…</Link>
        <Link act={() => chat.host.command("howToInstallPython", {})}>How to install</Link>
      </p>
    </div>
  );
}

function Try(props: {
  icon: IconName;
  keys?: string;
  act?: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const meta = props.keys === undefined ? "" : <Keys keys={props.keys} />;
  if (props.act === undefined) return <Fixed icon={props.icon} what={props.children} meta={meta} />;
  return (
    <button type="button" class="plain" onClick={props.act}>
      <Fixed icon={props.icon} what={props.children} meta={meta} />
    </button>
  );
}
