"""Events as a person reads them in a terminal: prose plain, work as one dim line a piece."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from postil.cli.figures import counted
from postil.cli.terminal import Terminal
from postil.core import shortening_words as words
from postil.core.ephemeral import CallProgress, ModelRetrying, TextDelta
from postil.core.event import Event
from postil.core.events import (
    CallFinished,
    CallStarted,
    ChecksFailed,
    ChecksStarted,
    Compacted,
    CompactionFailed,
    CompactionStarted,
    FileChanged,
    FindingReported,
    HookEnded,
    MemoryInForce,
    ModelReplied,
    PermissionAsked,
    PermissionDecided,
    PromptReceived,
    Publication,
    QuestionAsked,
    SessionResumed,
    SubagentFinished,
    SubagentStarted,
    TodoUpdated,
    TurnEnded,
    VerificationEnded,
)
from postil.core.messages import ToolCall
from postil.core.question import Question
from postil.core.remembered import gaps
from postil.core.retry_words import next_try
from postil.core.revealing import one_line, revealed
from postil.core.verification import QUIET
from postil.core.wording import told

_MARKS = {"pending": "[ ]", "in_progress": "[>]", "completed": "[x]", "cancelled": "[-]"}
_WANTED = 200
_OUTPUT_LINES = 12
_RETURN = "\r"
_HOOKS = {
    "changed": "changed what the agent asked for", "asks": "wants it asked about", "blocks": "said no", "failed": "failed",
    "stopped": "was stopped", "interrupted": "was interrupted",
}  # fmt: skip


class Renderer:
    """Writes the events of one session to a terminal, or plainly where there is none.

    What comes from outside is written with its control characters visible: none of it steers the terminal.
    """

    def __init__(
        self, console: Console | None = None, display: Callable[[Path], str] = str, *, options: bool = True
    ) -> None:
        self._console = console or Terminal(highlight=False)
        self._display = display
        self._options = options
        """Whether a question's answers are listed; not where the face shows them its own way."""
        self._mid_line = False
        self._titles: dict[str, str] = {}
        self._calls: dict[str, ToolCall] = {}
        self._told: set[str] = set()
        """Calls whose denial or question is on the screen already."""
        self._agents: dict[str, str] = {}
        """The agent types of sub-agents, by their sessions."""
        self._streamed = ""
        self._partial = ""
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            PromptReceived: self._prompted,
            TextDelta: self._delta,
            ModelReplied: self._replied,
            ModelRetrying: self._retrying,
            CallStarted: self._started,
            CallProgress: self._output,
            FileChanged: self._changed,
            PermissionAsked: self._asked,
            PermissionDecided: self._decided,
            QuestionAsked: self._inquired,
            CallFinished: self._finished,
            TodoUpdated: self._todo,
            FindingReported: self._found,
            MemoryInForce: self._remembered,
            CompactionStarted: lambda event: self._line(words.begun(event), "dim"),
            Compacted: lambda event: self._line(words.done(event), "dim"),
            CompactionFailed: lambda event: self._line(words.failed(event), "yellow"),
            HookEnded: self._hooked,
            SessionResumed: self._resumed,
            ChecksStarted: self._checks_started,
            ChecksFailed: lambda event: self._line(
                f"  {', '.join(event.checks)}: told to the agent", "yellow"
            ),
            VerificationEnded: self._verified,
            SubagentStarted: self._begun,
            SubagentFinished: self._done,
        }

    def show(self, publication: Publication) -> None:
        """Write one event; those that say nothing to a person write nothing."""
        event = publication.event
        if publication.above:
            self._below(publication)
        elif isinstance(event, TurnEnded):
            self._ended(event, publication.session_id)
        elif (handler := self._handlers.get(type(event))) is not None:
            handler(event)

    def _hooked(self, event: HookEnded) -> None:
        """Say what a hook wanted or how it failed."""
        if event.message:
            self._line(f"{event.moment}: {event.message}", "yellow")
        elif event.outcome not in ("nothing", "said"):
            why = f": {one_line(event.why)}" if event.why else ""
            self._line(f"A {event.moment} hook of the {event.owner} {_HOOKS[event.outcome]}{why}", "yellow")

    def _below(self, publication: Publication) -> None:
        """Write of a sub-agent's session what a person has to know while it works: what it asks, and what it was denied."""
        event, whose = publication.event, self._agents.get(publication.session_id, "sub-agent")
        if isinstance(event, ModelReplied):
            self._calls |= {call.id: call for call in event.message.calls}
        elif isinstance(event, PermissionAsked | QuestionAsked):
            self._question(event.question)
        elif isinstance(event, PermissionDecided) and (event.by == "person" or event.decision == "deny"):
            self._break()
            self._print(f"  {whose}:", "dim")
            self._decided(event)

    def _begun(self, event: SubagentStarted) -> None:
        self._agents[event.session_id] = event.agent_type
        self._line(f"  {event.agent_type} begins: {event.title}", "dim")

    def _done(self, event: SubagentFinished) -> None:
        """Write one line for the end; its call's own line would say the same again."""
        whose = self._agents.get(event.session_id, "sub-agent")
        cost = "" if not event.cost else f" · ${event.cost:.4f}"
        how = "" if event.reason == "end_turn" else f" · {event.reason.replace('_', ' ')}"
        words = f"  {whose} has ended: {self._titles.get(event.call_id, '')}"
        style = "dim" if event.reason == "end_turn" else "yellow"
        self._line(f"{words} · {counted(event.calls, 'call')}{cost}{how}", style)

    def _remembered(self, event: MemoryInForce) -> None:
        """Say what instructions the agent does not have."""
        for file in event.files:
            for gap in gaps(file):
                self._line(f"{self._shown(file.path)}:{gap.line}: {gap.message}", "yellow")

    def _prompted(self, event: PromptReceived) -> None:
        """Say what was mentioned and is not attached, or not all of it."""
        for it in event.context:
            if it.note:
                self._line(
                    f"{it.name or it.path or it.kind}: {it.note}", "yellow" if it.kind == "mention" else "dim"
                )

    def _retrying(self, event: ModelRetrying) -> None:
        self._streamed = ""
        self._line(f"{event.message} {next_try(event)}", "yellow")

    def _started(self, event: CallStarted) -> None:
        self._titles[event.call_id] = event.title

    def _checks_started(self, event: ChecksStarted) -> None:
        calls = (ToolCall(id=it.call_id, name="shell", input={"command": it.command}) for it in event.checks)
        self._calls |= {it.id: it for it in calls}
        self._line(f"Checking: {', '.join(it.name for it in event.checks)}", "dim")

    def _verified(self, event: VerificationEnded) -> None:
        quiet = event.verified or event.reason in QUIET
        self._line(event.words, "dim" if quiet else "yellow")

    def _todo(self, event: TodoUpdated) -> None:
        for item in event.items:
            behind = f"  · {item.evidence}" if item.evidence else ""
            self._line(f"  {_MARKS[item.status]} {item.text}{behind}", "dim")

    def _found(self, event: FindingReported) -> None:
        found = event.finding
        place = f"{self._display(Path(found.path))}:{found.line}"
        mend = " (has a fix)" if found.replacement is not None else ""
        style = {"error": "red", "warning": "yellow"}.get(found.severity, "")
        self._line(f"{place}: {found.severity}: {found.message}{mend}", style)
        if found.replacement is not None:
            for line in _lines(found.quote):
                self._print(f"    -{line}", "red")
            for line in _lines(found.replacement):
                self._print(f"    +{line}", "green")

    def _resumed(self, event: SessionResumed) -> None:
        if not event.clean:
            self._line(f"Resumed. {event.reason} Nothing was run again.", "yellow")

    def _delta(self, event: TextDelta) -> None:
        self._stream(event.text)

    def _stream(self, text: str) -> None:
        self._print(text, "", end="")
        self._mid_line = not text.endswith("\n")
        self._streamed += text

    def _replied(self, event: ModelReplied) -> None:
        self._calls |= {call.id: call for call in event.message.calls}
        if event.message.text and not self._streamed:
            self._stream(event.message.text)
        self._streamed = ""
        self._break()

    def _output(self, event: CallProgress) -> None:
        """Write whole lines of output; the rest of the last one waits for what follows it."""
        self._break()
        *lines, self._partial = (self._partial + event.text).split("\n")
        for line in lines:
            self._print(f"    {line.removesuffix(_RETURN)}", "dim")

    def _changed(self, event: FileChanged) -> None:
        verb = "created" if event.before is None else "deleted" if event.after is None else "edited"
        path = self._shown(event.path)
        if event.renamed_from is not None:
            verb, path = "moved", f"{self._shown(event.renamed_from)} to {path}"
        self._line(f"  {verb} {path}  +{event.added} -{event.removed}  ({event.where})", "bold")
        for line in _lines(event.diff):
            style = "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"
            self._print(f"    {line}", style)

    def _shown(self, path: str) -> str:
        return self._display(Path(path)).replace("\n", "\\n")

    def _asked(self, event: PermissionAsked) -> None:
        self._question(event.question)

    def _inquired(self, event: QuestionAsked) -> None:
        if event.call_id is not None:
            self._told.add(event.call_id)
        self._question(event.question)

    def _question(self, question: Question) -> None:
        self._line(f"  ? {question.title}", "bold yellow")
        for line in _lines(question.subject):
            self._line(f"      {line}", "")
        for line in told(question):
            self._line(f"    {line}", "dim")
        for number, option in enumerate(question.options if self._options else (), 1):
            note = f"  ({option.note})" if option.note and option.kind == "choice" else ""
            self._line(f"    {number} {option.title}{note}", "")

    def _decided(self, event: PermissionDecided) -> None:
        if event.decision == "deny":
            self._told.add(event.call_id)
        if event.by == "person":
            self._line(f"  > {event.why}, by you", "yellow")
        elif event.decision == "deny":
            nobody = "; nobody is here to ask, which is a denial" if event.by == "nobody" else ""
            self._line(f"  {self._wanted(event.call_id)}denied: {event.why}{nobody}", "red")

    def _wanted(self, call_id: str) -> str:
        call = self._calls.get(call_id)
        if call is None:
            return ""
        return f"{call.name} {one_line(json.dumps(call.input, ensure_ascii=False), _WANTED)} "

    def _named(self, event: CallFinished) -> str:
        """Return a name for a call that was never prepared: the tool's, and the first words that it was given."""
        call = self._calls.get(event.call_id)
        given = call.input.values() if call is not None else ()
        first = next((it for it in given if isinstance(it, str)), "")
        return one_line(f"{event.tool} {first}".rstrip(), _WANTED)

    def _finished(self, event: CallFinished) -> None:
        if self._partial:
            self._print(f"    {self._partial}", "dim")
            self._partial = ""
        title = (self._titles.pop(event.call_id, "") or self._named(event)).replace("\n", "\\n")
        told = event.call_id in self._told
        if (event.outcome == "denied" and told) or (
            event.outcome == "completed" and "session" in event.details
        ):
            return
        if event.outcome == "completed":
            code = event.details.get("exit_code")
            meta = f"exit {code} · " if code not in (None, 0) else ""
            # A call that was settled on opening has no time of its own.
            took = f"{event.seconds:.1f} s" if event.seconds else "settled"
            self._line(f"  {title}  {meta}{took}", "dim")
            if event.tool == "ask_user" and not told:
                self._unasked(event)
        else:
            self._line(f"  {title}  {event.outcome.replace('_', ' ')}: {_first_line(event.content)}", "red")
            if event.outcome == "unknown":
                for line in last_lines(event.content.strip().partition("\n")[2]):
                    self._print(f"    {line}", "dim")

    def _unasked(self, event: CallFinished) -> None:
        """Write the model's question where nobody was there to be asked, and what it was told instead."""
        call = self._calls.get(event.call_id)
        if call is not None:
            for line in _lines(str(call.input.get("question", ""))):
                self._line(f"  ? {line}", "bold yellow")
        self._line(f"    {_first_line(event.content)}", "yellow")

    def _ended(self, event: TurnEnded, session_id: str) -> None:
        cost = "" if event.cost is None else f" · ${event.cost:.4f}"
        tokens = f"{event.usage.total_input + event.usage.output:,} tokens"
        if event.message:
            self._line(
                f"{event.message} {event.mend}".rstrip(), "red" if event.reason == "failed" else "yellow"
            )
        self._line(
            f"{event.reason.replace('_', ' ')} · {counted(event.steps, 'step')} · {tokens}{cost} · {event.seconds:.1f} s"
            f" · session {session_id}",
            "dim",
        )

    def _line(self, text: str, style: str) -> None:
        self._break()
        self._print(text, style)

    def _print(self, text: str, style: str, end: str = "\n") -> None:
        self._console.print(Text(shown(text), style), end=end, soft_wrap=True)

    def _break(self) -> None:
        if self._mid_line:
            self._console.print()
        self._mid_line = False


def shown(text: str) -> str:
    """Return the text as it may go to a terminal: what hides, reorders or steers is written as escapes."""
    return revealed(text.replace("\r\n", "\n"))


def _lines(text: str) -> list[str]:
    """Return the text's lines, split at line feeds only."""
    return shown(text).removesuffix("\n").split("\n") if text else []


def last_lines(text: str) -> list[str]:
    """Return the end of a command's output, after a line that says how much was left out."""
    lines = _lines(text)
    left = len(lines) - _OUTPUT_LINES
    return [f"… {left:,} lines", *lines[left:]] if left > 0 else lines


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:200]
