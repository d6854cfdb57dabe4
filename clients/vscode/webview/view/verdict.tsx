/** Whether a turn's edits are verified, and what says so. */
import type { JSX } from "preact";
import { isEditor } from "../../src/session/answers";
import type { EvidenceRow, VerdictItem } from "../../src/session/model";
import { seconds, sentence } from "../format";
import { brief, clipped, revealed, tail } from "../markdown/reveal";
import { type IconName, useRunning } from "./basics";
import { Fixed, Row } from "./row";

const STATES: Record<VerdictItem["state"], { icon: IconName; tone: string; title: string }> = {
  checking: { icon: "loading", tone: "muted", title: "Checking" },
  verified: { icon: "pass", tone: "ok", title: "Verified" },
  failed: { icon: "error", tone: "bad", title: "Failed" },
  not_verified: { icon: "circle-slash", tone: "warn", title: "Not verified" },
};

export function Verdict({ item }: { item: VerdictItem }): JSX.Element {
  const { icon, tone, title } = STATES[item.state];
  const elapsed = useRunning(item.state === "checking", item.key);
  const names = item.rows.map((it) => (isEditor(it) ? "problems" : it.check)).join(", ");
  const words =
    item.state === "verified" ? "after the last edit" : item.state === "checking" ? names : item.words;
  const spent = item.state === "checking" ? elapsed : item.seconds;
  return (
    <Row
      id={item.key}
      icon={icon}
      tone={tone}
      wrap={item.state !== "verified"}
      opens={item.state === "failed" || item.state === "checking"}
      what={
        <>
          <strong>{title}</strong> {brief(words)}
        </>
      }
      meta={seconds(spent)}
    >
      <div class="kids">
        {item.rows.map((it) => (
          <Evidence key={it.check} id={`${item.key} ${it.check}`} row={it} />
        ))}
        {item.rows.length === 0 && <p class="muted small">Nothing was checked.</p>}
      </div>
    </Row>
  );
}

const ROWS: Record<EvidenceRow["outcome"], { icon: IconName; tone: string; words: string }> = {
  waiting: { icon: "circle-large", tone: "muted", words: "" },
  running: { icon: "loading", tone: "muted", words: "running" },
  passed: { icon: "pass", tone: "ok", words: "passed" },
  failed: { icon: "error", tone: "bad", words: "failed" },
  changed: { icon: "circle-slash", tone: "warn", words: "changed files itself" },
  not_run: { icon: "circle-slash", tone: "warn", words: "not run" },
  denied: { icon: "circle-slash", tone: "warn", words: "denied" },
};

function Evidence({ id, row }: { id: string; row: EvidenceRow }): JSX.Element {
  const { icon, tone, words } = ROWS[row.outcome];
  const summary = brief(row.summary === "" ? words : row.summary);
  // What the editor reports says by itself what it is about.
  if (isEditor(row) && row.summary !== "") return <Fixed icon={icon} tone={tone} what={sentence(summary)} />;
  if (isEditor(row)) return <Fixed icon={icon} tone={tone} what="Problems in edited files" meta={summary} />;
  const what = <span class="mono">{brief(row.command)}</span>;
  const bad = row.outcome === "failed" || row.outcome === "changed";
  if (row.output === "") return <Fixed icon={icon} tone={tone} what={what} meta={summary} />;
  return (
    <Row id={id} icon={icon} tone={tone} what={what} meta={summary} opens={bad}>
      <pre class="tail">{tail(clipped(revealed(row.output)), 12).text}</pre>
    </Row>
  );
}
