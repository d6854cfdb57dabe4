"""What is said of one turn in a chat document, event by event: a text that only ever grows at its end.

What may still change, questions that are open, is no part of it yet: it is the turn's `pending`, which stands behind it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from postil.core import ephemeral as passing
from postil.core import events as ev
from postil.core import shortening_words as words
from postil.core.event import Event
from postil.core.messages import Thinking
from postil.core.question import Question
from postil.core.revealing import one_line
from postil.lsp.chat import rows
from postil.lsp.chat.prose import Prose
from postil.lsp.chat.rows import Call, Places

NEWLINE = "\n"


@dataclass(slots=True)
class CallDetails:
    """What is shown of a call besides its row."""

    input: str = ""
    output: str = ""
    decision: ev.PermissionDecided | None = None


class Reply:
    """What Postil did and said in one turn."""

    end: str = ""
    """The last line, once the turn has ended."""
    taken_back: str = ""
    """What is said below a turn that was taken back, as it ends the text; empty where it was not."""

    can_check: bool = False
    """Whether running checks now may tell more of its edits."""

    def __init__(self, number: int, prompt: ev.PromptReceived, places: Places) -> None:
        self.number = number
        self.turn_id, self.asked = prompt.turn_id, prompt
        self.prompt = prompt.text
        self.context = prompt.context
        """What came with the prompt."""
        self.text = ""
        """All of it up to now."""
        self.firm = 0
        """How much of it ends with a paragraph or a row."""
        self.subjects: dict[str, list[str]] = {}
        """The rows that are about a call or a change, in order, each with its id."""
        self.call_details: dict[str, CallDetails] = {}
        self._asked = 0
        self.questions: dict[str, tuple[int, Question]] = {}
        """Those that are open, with their numbers."""
        self._places = places
        self._prose: Prose | None = None
        self._streamed = ""
        """The words of the step in progress, as they came."""
        self._rows = False
        """Whether the last line is a row."""
        self._looks: list[Call] = []
        """Calls that only looked, to be told in one row."""
        self._begun: dict[str, ev.CallStarted] = {}
        self._callers: dict[str, str] = {}
        """The calls that made changes, by the changes' ids."""
        self._changed: dict[str, list[ev.FileChanged]] = {}
        self._thought: Literal["no", "yes", "told"] = "no"
        self._evidence: dict[str, ev.EvidenceRecorded] = {}
        self._todo: ev.TodoUpdated | None = None
        for it in prompt.context:
            if it.note:
                self.row(f"- {rows.plain(one_line(it.name or it.path or it.kind))}: {rows.plain(it.note)}")
        self._handlers = self._by_type()

    def _by_type(self) -> dict[type[Event], Callable[[Any, float], None]]:
        return {
            passing.TextDelta: lambda it, _: self._delta(it.text),
            passing.ThinkingDelta: lambda _, __: self._thinks(),
            passing.ModelRetrying: self._retrying,
            ev.ModelReplied: self._replied,
            ev.ModelFailed: lambda _, __: self._words_end(),
            ev.PromptSteered: lambda it, _: self.block(rows.joined_block(it.prompt.text)),
            ev.PermissionAsked: lambda it, _: self.ask(it.question),
            ev.QuestionAsked: lambda it, _: self.ask(it.question),
            ev.PermissionDecided: self._decided,
            ev.ChecksStarted: self._checks_started,
            ev.QuestionAnswered: self._answered,
            ev.CallStarted: self._started,
            ev.FileChanged: self._file_changed,
            ev.CallFinished: self._finished,
            ev.TodoUpdated: self._planned,
            ev.EvidenceRecorded: self._recorded,
            ev.VerificationEnded: self._verified,
            ev.SubagentStarted: lambda it, _: self.row(f"- {rows.plain(it.agent_type)} begins: {rows.plain(it.title)}"),
            ev.FindingReported: self._found,
            ev.ChecksFailed: lambda it, _: self.row(f"- {rows.plain(', '.join(it.checks))}: told to the agent"),
            ev.CompactionStarted: lambda it, _: self.row(f"- {_small(words.begun(it))}"),
            ev.Compacted: lambda it, _: self.row(f"- {_small(words.done(it))}"),
            ev.CompactionFailed: lambda it, _: self.row(f"- {_small(words.failed(it))}"),
            ev.SessionResumed: self._resumed,
            ev.TurnEnded: self._ended,
        }  # fmt: skip

    def details_of(self, subject: str) -> CallDetails | None:
        """Return what is known of a call, named by its id or by that of a change it made."""
        return self.call_details.get(self._callers.get(subject, subject))

    @property
    def pending(self) -> str:
        """What stands behind the reply for now: the questions that are open."""
        blocks = [[*rows.question_block(it, number), rows.WAITING] for number, it in self.questions.values()]
        return "".join(
            f"{self.blank if not place else NEWLINE}{NEWLINE.join(it)}\n" for place, it in enumerate(blocks)
        )

    @property
    def blank(self) -> str:
        """What parts the reply from a heading below it."""
        return "" if self.text.endswith("\n\n") or not self.text else "\n"

    def apply(self, event: Event, at: float) -> None:
        """Add what an event of the turn has to say."""
        if (handler := self._handlers.get(type(event))) is not None:
            handler(event, at)

    def ask(self, question: Question) -> None:
        """Ask, behind all that was said."""
        self._settle()
        self._asked += 1
        self.questions[question.id] = (self._asked, question)

    def answer(self, question_id: str, line: str, call_id: str = "") -> None:
        """Put a question with its answer into the text; `call_id` is of the call that was asked about."""
        number, question = self.questions.pop(question_id)
        block = rows.question_block(question, number)
        if call_id:
            for it in (block[0], line):
                self.subjects.setdefault(it, []).append(call_id)
        self.block([*block, line])
        self._part()

    def row(self, line: str, subject: str = "") -> None:
        """Add a row, below others without a gap; `subject` is the call or the change that it is about."""
        if subject:
            self.subjects.setdefault(line, []).append(subject)
        self._settle()
        self._rows_begin()
        self._add(f"{line}\n")

    def block(self, lines: list[str]) -> None:
        """Add lines that stand by themselves."""
        self._settle()
        self._part()
        self._add("\n".join(lines) + "\n")

    # Words

    def take_back(self) -> None:
        """Say, below all that was told, that the conversation goes on before this turn."""
        if not self.taken_back:
            before = len(self.text)
            self.row(rows.TAKEN_BACK)
            self.taken_back = self.text[before:]

    def _delta(self, text: str) -> None:
        if self._prose is None:
            if not text.strip():
                return
            self._tell_thought()
            self._looked()
            self._part()
            self._prose, text = Prose(), text.lstrip()
        self._streamed += text
        self._write(self._prose.feed(text))

    def _write(self, text: str) -> None:
        self.text += text
        found = self.text.rfind("\n\n", max(self.firm - 2, 0))
        self.firm = max(self.firm, found + 2) if found >= 0 else self.firm

    def _words_end(self) -> None:
        if self._prose is not None:
            self._write(self._prose.close())
            self._prose, self._streamed = None, ""
            self.firm, self._rows = len(self.text), False

    def _replied(self, event: ev.ModelReplied, _: float) -> None:
        for call in event.message.calls:
            self._detail(call.id).input = json.dumps(call.input, ensure_ascii=False, indent=2)
        if any(isinstance(it, Thinking) for it in event.message.content):
            self._thinks()
        if self._prose is None:
            self._tell_thought()
        said = event.message.text.lstrip()
        if not said.startswith(self._streamed):
            self._words_end()
        self._delta(said[len(self._streamed) :])
        self._words_end()
        self._thought = "no"

    def _thinks(self) -> None:
        if self._thought == "no":
            self._thought = "yes"

    def _tell_thought(self) -> None:
        if self._thought == "yes":
            self.row("- thought")
            self._thought = "told"

    def _retrying(self, _: Event, __: float) -> None:
        if self._prose is not None:
            self.row("- the answer broke off and begins again")

    # Work

    def _started(self, event: ev.CallStarted, _: float) -> None:
        self._begun[event.call_id] = event

    def _file_changed(self, event: ev.FileChanged, _: float) -> None:
        if event.call_id is not None:
            self._changed.setdefault(event.call_id, []).append(event)
            self._callers[event.change_id] = event.call_id
        self.row(rows.change_row(event, self._places), event.change_id)

    def _checks_started(self, event: ev.ChecksStarted, _: float) -> None:
        for it in event.checks:
            self._detail(it.call_id).input = it.command

    def _detail(self, call_id: str) -> CallDetails:
        return self.call_details.setdefault(call_id, CallDetails())

    def _finished(self, event: ev.CallFinished, _: float) -> None:
        self._detail(event.call_id).output = event.content
        begun = self._begun.pop(event.call_id, None)
        changes = self._changed.pop(event.call_id, [])
        if changes and event.outcome == "completed":
            return
        kind = begun.kind if begun is not None else "other"
        call = Call(begun.title if begun else event.tool, kind, begun.command if begun else None, event)
        if event.outcome == "completed" and kind in rows.FOLDED:
            self._words_end()
            self._looks.append(call)
        else:
            self.row(rows.call_row(call), event.call_id)

    def _planned(self, event: ev.TodoUpdated, _: float) -> None:
        self._todo = event

    def _recorded(self, event: ev.EvidenceRecorded, _: float) -> None:
        self._evidence[event.check] = event

    def _verified(self, event: ev.VerificationEnded, _: float) -> None:
        self.can_check = event.can_check
        self.block(rows.verdict_block(event, self._evidence.values()))
        self._rows = True

    def _found(self, event: ev.FindingReported, _: float) -> None:
        found = event.finding
        where = self._places.link(found.path, found.line)
        self.row(f"- {found.severity} in {where}: {rows.plain(one_line(found.message, 200))}")

    # Questions and the end

    def _decided(self, event: ev.PermissionDecided, at: float) -> None:
        self._detail(event.call_id).decision = event
        if event.question_id in self.questions:
            self.answer(event.question_id or "", rows.decided(event, at), event.call_id)

    def _answered(self, event: ev.QuestionAnswered, at: float) -> None:
        if event.question_id in self.questions:
            _, question = self.questions[event.question_id]
            self.answer(event.question_id, rows.answered(question, event, at))

    def _resumed(self, event: ev.SessionResumed, _: float) -> None:
        how = "" if event.clean else f" {rows.plain(event.reason)} Nothing was run again."
        self.row(f"- opened again.{how}")

    def _ended(self, event: ev.TurnEnded, _: float) -> None:
        for question_id in list(self.questions):
            self.answer(question_id, "- answer: none, the turn has ended")
        self._settle()
        if self._todo is not None and self._todo.items:
            self.block(rows.plan_block(self._todo.items))
        for line in rows.end_rows(event):
            self.block([line])
        self.end = rows.end_line(self.number, event)

    # The text

    def _settle(self) -> None:
        """End what may still go on: words, and rows that are told together."""
        self._words_end()
        self._looked()

    def _looked(self) -> None:
        if self._looks:
            looks, self._looks = self._looks, []
            self._rows_begin()
            first, *below = rows.group_rows(looks, self._places)
            for line, call in zip(below, looks, strict=True):
                self.subjects.setdefault(line, []).append(call.event.call_id)
            self._add("\n".join([first, *below]) + "\n")

    def _rows_begin(self) -> None:
        if not self._rows:
            self._part()
        self._rows = True

    def _part(self) -> None:
        """Have a blank line above what comes next."""
        self._add(self.blank)
        self._rows = False

    def _add(self, text: str) -> None:
        self.text += text
        self.firm = len(self.text)


def _small(sentence: str) -> str:
    line = rows.plain(sentence.rstrip("."))
    return line[:1].lower() + line[1:]
