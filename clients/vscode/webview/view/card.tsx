/** What waits for a person: title, facts, answers of equal weight. Nothing but an answer answers it. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Option, Question } from "../../src/protocol_gen";
import type { QuestionItem, Session } from "../../src/session/model";
import { count, sentence } from "../format";
import { brief, clipped, revealed } from "../markdown/reveal";
import { Link, useChat } from "./basics";
import { hunksOf } from "../inside";

/** For how long nothing answers after the focus came, or the card did. */
const ARMED_AFTER = 400;
/** Stands at the card while keys act on it. */
const ARMED = "data-armed";

/** Characters of one piece of what is asked about that are shown; what may do harm is a piece of its own. */
const LONGEST_SUBJECT = 10_000;

const DANGEROUS = new Set([
  "changed",
  "installs",
  "deletes",
  "overwrites",
  "writes",
  "sends",
  "outside the sandbox",
]);

/** A question that waits; where its session is only read here, all of it but the answers. */
export function Card({ item, session }: { item: QuestionItem; session: Session }): JSX.Element {
  const chat = useChat();
  return chat.readOnly ? <Unanswerable item={item} /> : <Answerable item={item} session={session} />;
}

function Unanswerable({ item: { key, question } }: { item: QuestionItem }): JSX.Element {
  const title = `${key} title`.replace(/\s/g, "-");
  return (
    <div class="waits away" role="group" aria-labelledby={title}>
      <h3 id={title}>{brief(question.title)}</h3>
      <Subject question={question} />
      <Facts question={question} />
      {question.diff !== "" && <Preview question={question} />}
      <p class="muted small">It cannot be answered here: this session is read only in this window.</p>
    </div>
  );
}

function Answerable({ item, session }: { item: QuestionItem; session: Session }): JSX.Element {
  const chat = useChat();
  const { question } = item;
  const [words, setWords] = useState("");
  const [says, setSays] = useState<Option | null>(null);
  const [sent, setSent] = useState(false);
  const arm = useArming(item.key);
  const answer = async (option: Option | null, text: string, byKey: boolean): Promise<void> => {
    setSent(true);
    const box = arm.box();
    const done = await chat.tell(() =>
      chat.host.request("postil/session/answer", {
        sessionId: session.id,
        questionId: question.id,
        ...(option === null ? {} : { optionId: option.id }),
        ...(text === "" ? {} : { text }),
      }),
    );
    if (done === null) setSent(false);
    else chat.returning.goBack(box, byKey, chat.host);
  };
  const choose = (option: Option, byKey: boolean): void => {
    if (sent || !arm.armed(byKey)) return;
    const ids = { sessionId: session.id, questionId: question.id, optionId: option.id };
    if (option.kind === "reject_with_reason") setSays(option);
    else if (option.kind === "allow_always") chat.host.command("confirmAlways", ids);
    else void answer(option, "", byKey);
  };
  const digit = (event: KeyboardEvent): void => {
    if (
      event.target instanceof HTMLTextAreaElement ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.repeat
    )
      return;
    const option = /^[1-9]$/.test(event.key) ? question.options[Number(event.key) - 1] : undefined;
    if (option === undefined) return;
    event.preventDefault();
    choose(option, true);
  };
  const title = `${item.key} title`.replace(/\s/g, "-");
  return (
    <div
      class="waits"
      role="group"
      aria-labelledby={title}
      tabIndex={-1}
      data-card={question.id}
      onKeyDown={digit}
      onFocusIn={arm.came}
      ref={arm.ref}
    >
      <h3 id={title}>{brief(question.title)}</h3>
      <Subject question={question} />
      <Facts question={question} />
      {question.diff !== "" && <Preview question={question} />}
      {question.anchor !== null && (
        <Link
          act={() => chat.host.command("showQuestion", { sessionId: session.id, questionId: question.id })}
        >
          Show it in the editor
        </Link>
      )}
      <ul class="answers">
        {question.options.map((option, place) => (
          <Choice
            key={option.id}
            {...{ option, place, question, sent }}
            choose={(byKey) => choose(option, byKey)}
          />
        ))}
      </ul>
      {(question.free_text || says !== null) && (
        <Words
          label={says === null ? "Answer in your own words" : "Say why"}
          value={words}
          change={setWords}
          send={() => void answer(says, words.trim(), true)}
          close={says === null ? undefined : () => setSays(null)}
        />
      )}
    </div>
  );
}

function Choice(props: {
  option: Option;
  place: number;
  question: Question;
  sent: boolean;
  choose: (byKey: boolean) => void;
}): JSX.Element {
  const { option, place, question } = props;
  const before = question.options[place - 1];
  const gap = option.kind.startsWith("reject") && before !== undefined && !before.kind.startsWith("reject");
  return (
    <li class={gap ? "gap" : ""}>
      <button
        type="button"
        disabled={props.sent}
        onClick={(event) => props.choose(event.detail === 0)}
        data-option={option.id}
      >
        <span class="key" aria-hidden="true">
          {place + 1}
        </span>
        <span>
          {brief(option.title)}
          <Under option={option} />
        </span>
      </button>
    </li>
  );
}

/** What an answer is about beside its title: of a lasting one, what it allows, and where it is kept. */
function Under({ option }: { option: Option }): JSX.Element | null {
  const { note, also, kind } = option;
  if (note === "" && also === "") return null;
  if (!kind.startsWith("allow_")) return <small>{brief(note)}</small>;
  // A record of before had the rules alone.
  const { allows = "", kept = "" } = option as Partial<Option>;
  const rules = (allows === "" ? note : allows).split("\n").filter((it) => it !== "");
  const more = [
    also === "" ? "" : `Also allows ${also}`,
    kind === "allow_always" && kept !== "" ? `Kept ${kept}` : "",
  ];
  return (
    <small title={brief(note)}>
      {rules.map((rule, number) => (
        <>
          {number > 0 && ", "}
          <code>{brief(rule)}</code>
        </>
      ))}
      {more
        .filter((it) => it !== "")
        .map((it) => `. ${brief(it)}`)
        .join("")}
    </small>
  );
}

/** The command or path in full; what may do harm is underlined. */
function Subject({ question }: { question: Question }): JSX.Element | null {
  const chat = useChat();
  const { subject, kind } = question;
  if (subject === "") return null;
  if (kind === "ask_user" || kind === "halt" || kind === "unknown")
    return <p class="asks">{brief(subject, LONGEST_SUBJECT)}</p>;
  const pieces: { text: string; harm: boolean }[] = [];
  let from = 0;
  for (const part of question.parts) {
    const at = subject.indexOf(part.text, from);
    if (at < 0 || part.danger === null || !DANGEROUS.has(part.danger)) continue;
    pieces.push({ text: subject.slice(from, at), harm: false }, { text: part.text, harm: true });
    from = at + part.text.length;
  }
  pieces.push({ text: subject.slice(from), harm: false });
  const cut = pieces.some((it) => it.text.length > LONGEST_SUBJECT);
  const whole = (): void =>
    chat.host.command("openOutput", { title: question.title.slice(0, 200), text: subject });
  return (
    <>
      <div class="cmd" tabIndex={0} role="group" aria-label={cut ? "In part" : "In full"}>
        {pieces.map((it, place) => {
          const text = brief(it.text, LONGEST_SUBJECT);
          return it.harm ? <mark key={place}>{text}</mark> : text;
        })}
      </div>
      {cut && <Link act={whole}>Open all of it</Link>}
    </>
  );
}

function Facts({ question }: { question: Question }): JSX.Element | null {
  if (question.facts.length === 0) return null;
  return (
    <dl class="fact">
      {question.facts.map((it, place) => (
        <>
          <dt>{brief(sentence(it.name))}</dt>
          <dd class={place === 0 && DANGEROUS.has(it.name) ? "first" : ""}>{brief(it.text, 4_000)}</dd>
        </>
      ))}
    </dl>
  );
}

/** Lines of a change that are shown on the card. */
const MOST_LINES = 24;
/** Characters of each. */
const LONGEST_LINE = 400;

/** What would change: on the card in part where it is long, and all of it in a document of its own. */
function Preview({ question: { title, diff } }: { question: Question }): JSX.Element {
  const chat = useChat();
  const lines = hunksOf(diff).flatMap((it) => it.lines);
  const shown = lines.length > 0 ? lines : diff.split("\n");
  const more = shown.length - MOST_LINES;
  const cut = more > 0 || shown.some((it) => it.length > LONGEST_LINE);
  const whole = (): void =>
    chat.host.command("openOutput", { title: title.slice(0, 200), text: diff, language: "diff" });
  return (
    <>
      <div class="codeblock">
        <div
          class="diff"
          tabIndex={0}
          role="group"
          aria-label={cut ? "What would change, in part" : "What would change"}
        >
          {shown.slice(0, MOST_LINES).map((line, place) => (
            <div key={place} class={line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : ""}>
              {`${line.slice(0, 1)} ${clipped(revealed(line.slice(1)), LONGEST_LINE)}`}
            </div>
          ))}
          {more > 0 && <div class="muted">{`  ${count(more, "more line")}`}</div>}
        </div>
      </div>
      {cut && <Link act={whole}>Show all</Link>}
    </>
  );
}

function Words(props: {
  label: string;
  value: string;
  change: (to: string) => void;
  send: () => void;
  /** Where it was opened for an answer: take that back. */
  close: (() => void) | undefined;
}): JSX.Element {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (props.label === "Say why") box.current?.focus();
  }, [props.label]);
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && props.close !== undefined && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      box.current?.closest<HTMLElement>("[data-card]")?.focus();
      props.close();
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || props.value.trim() === "") return;
    event.preventDefault();
    props.send();
  };
  return (
    <textarea
      ref={box}
      class="words"
      rows={2}
      aria-label={props.label}
      placeholder={`${props.label}, then Enter`}
      value={props.value}
      onInput={(event) => props.change(event.currentTarget.value)}
      onKeyDown={key}
    />
  );
}

/** A card answers nothing until it, or the focus in it, has stood for a moment. */
function useArming(key: string): {
  ref: (box: HTMLElement | null) => void;
  box: () => HTMLElement | null;
  came: (event: FocusEvent) => void;
  armed: (byKey: boolean) => boolean;
} {
  const shown = useRef(performance.now());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const box = useRef<HTMLElement | null>(null);
  const wait = (): void => {
    box.current?.removeAttribute(ARMED);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => box.current?.setAttribute(ARMED, ""), ARMED_AFTER);
  };
  useEffect(() => {
    shown.current = performance.now();
    wait();
    return () => clearTimeout(timer.current);
  }, [key]);
  return {
    ref: (it) => {
      box.current = it;
    },
    box: () => box.current,
    came: (event) => {
      const from = event.relatedTarget;
      if (!(from instanceof Node && box.current?.contains(from) === true)) wait();
    },
    // A click brings the focus along: it waits for the card alone.
    armed: (byKey) =>
      byKey ? box.current?.hasAttribute(ARMED) === true : performance.now() - shown.current >= ARMED_AFTER,
  };
}
