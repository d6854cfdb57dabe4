"""Events as a person reads them in a terminal: prose plain, work as one dim line a piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from postil.core.ephemeral import CallProgress, ModelRetrying, SessionHalted, TextDelta
from postil.core.event import Event
from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    ModelReplied,
    PermissionAsked,
    PermissionDecided,
    Publication,
    SessionResumed,
    TodoUpdated,
    TurnEnded,
)

_MARKS = {"pending": "[ ]", "in_progress": "[>]", "completed": "[x]", "cancelled": "[-]"}
_OUTPUT_LINES = 12


class Renderer:
    """Writes the events of one session to a terminal, or plainly where there is none."""

    def __init__(self, console: Console | None = None, display: Callable[[Path], str] = str) -> None:
        self._console = console or Console(highlight=False)
        self._display = display
        self._mid_line = False
        self._titles: dict[str, str] = {}
        self._streamed = ""
        self._partial = ""
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            TextDelta: self._delta,
            ModelReplied: self._replied,
            ModelRetrying: self._retrying,
            CallStarted: self._started,
            CallProgress: self._output,
            FileChanged: self._changed,
            PermissionAsked: self._asked,
            PermissionDecided: self._decided,
            CallFinished: self._finished,
            TodoUpdated: self._todo,
            SessionResumed: self._resumed,
            SessionHalted: self._halted,
        }

    def show(self, publication: Publication) -> None:
        """Write one event; those that say nothing to a person write nothing."""
        event = publication.event
        if isinstance(event, TurnEnded):
            self._ended(event, publication.session_id)
        elif (handler := self._handlers.get(type(event))) is not None:
            handler(event)

    def _retrying(self, event: ModelRetrying) -> None:
        self._streamed = ""
        wait = f"Next try in {event.seconds:.0f} s ({event.attempt} of {event.of})."
        self._line(f"{event.message} {wait}", "yellow")

    def _started(self, event: CallStarted) -> None:
        self._titles[event.call_id] = event.title

    def _todo(self, event: TodoUpdated) -> None:
        for item in event.items:
            self._line(f"  {_MARKS[item.status]} {item.text}", "dim")

    def _resumed(self, event: SessionResumed) -> None:
        if not event.clean:
            self._line(f"Resumed. {event.reason} Nothing was run again.", "yellow")

    def _halted(self, event: SessionHalted) -> None:
        self._line(f"{event.message} {event.mend}", "red")

    def _delta(self, event: TextDelta) -> None:
        self._stream(event.text)

    def _stream(self, text: str) -> None:
        self._console.print(Text(text), end="", soft_wrap=True)
        self._mid_line = not text.endswith("\n")
        self._streamed += text

    def _replied(self, event: ModelReplied) -> None:
        if event.message.text and not self._streamed:
            self._stream(event.message.text)
        self._streamed = ""
        self._break()

    def _output(self, event: CallProgress) -> None:
        """Write whole lines of output; the rest of the last one waits for what follows it."""
        self._break()
        *lines, self._partial = (self._partial + event.text).split("\n")
        for line in lines:
            self._console.print(Text(f"    {line}", "dim"), soft_wrap=True)

    def _changed(self, event: FileChanged) -> None:
        verb = "created" if event.before is None else "deleted" if event.after is None else "edited"
        self._line(
            f"  {verb} {self._display(Path(event.path))}  +{event.added} -{event.removed}  ({event.where})",
            "bold",
        )
        for line in event.diff.splitlines():
            style = "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"
            self._console.print(Text(f"    {line}", style), soft_wrap=True)

    def _asked(self, event: PermissionAsked) -> None:
        question = event.question
        self._line(f"  ? {question.title}", "bold yellow")
        for line in question.subject.splitlines():
            self._line(f"      {line}", "")
        for fact in question.facts:
            self._line(f"    {fact.name}: {fact.text}", "dim")
        for number, option in enumerate(question.options, 1):
            note = f"  ({option.note})" if option.note else ""
            self._line(f"    {number} {option.title}{note}", "")

    def _decided(self, event: PermissionDecided) -> None:
        if event.by == "person":
            self._line(f"  > {event.why}, by you", "yellow")
        elif event.decision == "deny":
            nobody = "; nobody is here to ask, which is a denial" if event.by == "nobody" else ""
            self._line(f"  denied: {event.why}{nobody}", "red")

    def _finished(self, event: CallFinished) -> None:
        if self._partial:
            self._console.print(Text(f"    {self._partial}", "dim"), soft_wrap=True)
            self._partial = ""
        title = self._titles.pop(event.call_id, event.tool)
        if event.outcome == "completed":
            code = event.details.get("exit_code")
            meta = f"exit {code} · " if code not in (None, 0) else ""
            self._line(f"  {title}  {meta}{event.seconds:.1f} s", "dim")
        else:
            self._line(f"  {title}  {event.outcome.replace('_', ' ')}: {_first_line(event.content)}", "red")

    def _ended(self, event: TurnEnded, session_id: str) -> None:
        cost = "" if event.cost is None else f" · ${event.cost:.4f}"
        tokens = f"{event.usage.total_input + event.usage.output:,} tokens"
        if event.message:
            self._line(
                f"{event.message} {event.mend}".rstrip(), "red" if event.reason == "failed" else "yellow"
            )
        self._line(
            f"{event.reason.replace('_', ' ')} · {event.steps} steps · {tokens}{cost} · {event.seconds:.1f} s"
            f" · session {session_id}",
            "dim",
        )

    def _line(self, text: str, style: str) -> None:
        self._break()
        self._console.print(f"[{style}]{escape(text)}[/]" if style else escape(text), soft_wrap=True)

    def _break(self) -> None:
        if self._mid_line:
            self._console.print()
        self._mid_line = False


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:200]
