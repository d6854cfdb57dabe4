/** What waits for a person: title, facts, answers of equal weight. Nothing but an answer answers it. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Option, Question } from "../../src/protocol_gen";
import type { QuestionItem, Session } from "../../src/session/model";
import { sentence } from "../format";
import { clipped, revealed } from "../markdown/reveal";
import { Link, useChat } from "./basics";
import { hunksOf } from "./diff";

/** For how long nothing answers after the focus came, or the card did. */
const ARMED_AFTER = 400;

const DANGEROUS = new Set([
  "changed",
  "installs",
  "deletes",
  "overwrites",
  "writes",
  "sends",
  "outside the sandbox",
]);

export function Card({ item, session }: { item: QuestionItem; session: Session }): JSX.Element {
  const chat = useChat();
  const { question } = item;
  const [words, setWords] = useState("");
  const [says, setSays] = useState<Option | null>(null);
  const [sent, setSent] = useState(false);
  const arm = useArming(item.key);
  const answer = async (option: Option | null, text: string): Promise<void> => {
    setSent(true);
    const done = await chat.tell(() =>
      chat.host.request("postil/session/answer", {
        sessionId: session.id,
        questionId: question.id,
        ...(option === null ? {} : { optionId: option.id }),
        ...(text === "" ? {} : { text }),
      }),
    );
    if (done === null) setSent(false);
    else chat.host.command("giveFocusBack", {});
  };
  const choose = (option: Option, byKey: boolean): void => {
    if (sent || !arm.armed(byKey)) return;
    const ids = { sessionId: session.id, questionId: question.id, optionId: option.id };
    if (option.kind === "reject_with_reason") setSays(option);
    else if (option.kind === "allow_always") chat.host.command("confirmAlways", ids);
    else void answer(option, "");
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
      <h3 id={title}>{question.title}</h3>
      <Subject question={question} />
      <Facts question={question} />
      {question.diff !== "" && <Preview diff={question.diff} />}
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
          send={() => void answer(says, words.trim())}
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
          {question.kind === "ask_user" ? revealed(option.title) : option.title}
          {(option.note !== "" || option.also !== "") && (
            <small>
              {option.kind.startsWith("allow_")
                ? option.note
                    .split("\n")
                    .filter((it) => it !== "")
                    .map((rule, number) => (
                      <>
                        {number > 0 && ", "}
                        <code>{revealed(rule)}</code>
                      </>
                    ))
                : revealed(option.note)}
              {option.note !== "" && option.also !== "" && ". "}
              {revealed(sentence(option.also))}
            </small>
          )}
        </span>
      </button>
    </li>
  );
}

/** The command or path in full; what may do harm is underlined. */
function Subject({ question }: { question: Question }): JSX.Element | null {
  const { subject, kind } = question;
  if (subject === "") return null;
  if (kind === "ask_user" || kind === "halt" || kind === "unknown")
    return <p class="asks">{revealed(subject)}</p>;
  const pieces: { text: string; harm: boolean }[] = [];
  let from = 0;
  for (const part of question.parts) {
    const at = subject.indexOf(part.text, from);
    if (at < 0 || part.danger === null || !DANGEROUS.has(part.danger)) continue;
    pieces.push({ text: subject.slice(from, at), harm: false }, { text: part.text, harm: true });
    from = at + part.text.length;
  }
  pieces.push({ text: subject.slice(from), harm: false });
  return (
    <div class="cmd" tabIndex={0} role="group" aria-label="In full">
      {pieces.map((it, place) =>
        it.harm ? <mark key={place}>{revealed(it.text)}</mark> : revealed(it.text),
      )}
    </div>
  );
}

function Facts({ question }: { question: Question }): JSX.Element | null {
  if (question.facts.length === 0) return null;
  return (
    <dl class="fact">
      {question.facts.map((it, place) => (
        <>
          <dt>{sentence(it.name)}</dt>
          <dd class={place === 0 && DANGEROUS.has(it.name) ? "first" : ""}>{revealed(it.text)}</dd>
        </>
      ))}
    </dl>
  );
}

function Preview({ diff }: { diff: string }): JSX.Element {
  const lines = hunksOf(diff).flatMap((it) => it.lines);
  const shown = lines.length > 0 ? lines : diff.split("\n");
  return (
    <div class="codeblock">
      <div class="diff" tabIndex={0} role="group" aria-label="What would change">
        {shown.slice(0, 24).map((line, place) => (
          <div key={place} class={line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : ""}>
            {`${line.slice(0, 1)} ${clipped(revealed(line.slice(1)), 400)}`}
          </div>
        ))}
        {shown.length > 24 && <div class="muted">{`  ${shown.length - 24} more lines`}</div>}
      </div>
    </div>
  );
}

function Words(props: {
  label: string;
  value: string;
  change: (to: string) => void;
  send: () => void;
}): JSX.Element {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (props.label === "Say why") box.current?.focus();
  }, [props.label]);
  const key = (event: KeyboardEvent): void => {
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
  came: (event: FocusEvent) => void;
  armed: (byKey: boolean) => boolean;
} {
  const shown = useRef(performance.now());
  const since = useRef(performance.now());
  const box = useRef<HTMLElement | null>(null);
  useEffect(() => {
    shown.current = since.current = performance.now();
  }, [key]);
  return {
    ref: (it) => {
      box.current = it;
    },
    came: (event) => {
      const from = event.relatedTarget;
      if (!(from instanceof Node && box.current?.contains(from) === true)) since.current = performance.now();
    },
    // A click brings the focus along: it waits for the card alone.
    armed: (byKey) => performance.now() - (byKey ? since.current : shown.current) >= ARMED_AFTER,
  };
}
