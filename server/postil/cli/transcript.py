"""A session as a person reads it: the renderer's words, and around them what is only worth saying afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.text import Text

from postil.cli.figures import counted
from postil.cli.render import Renderer, last_lines
from postil.cli.terminal import Terminal
from postil.core import events as ev
from postil.core import shortening_words as words
from postil.core.event import Event
from postil.core.event_codec import decode_durable, encode
from postil.core.jobs import standing
from postil.core.messages import ToolCall
from postil.core.revealing import one_line, revealed
from postil.journal.appendix import APPENDIX

_TIME = "%Y-%m-%d %H:%M"


def when(at: float) -> str:
    """Return a time as people here write it."""
    return time.strftime(_TIME, time.localtime(at))


def plain(event: ev.Durable) -> ev.Durable:
    """Return the event with everything that hides or reorders text on a screen written as escapes."""
    found = decode_durable(_plain(encode(event)))
    return event if isinstance(found, ev.UnknownEvent) else found


class Transcript:
    """Writes the recorded events of one session."""

    def __init__(self, session_id: str, roots: tuple[str, ...] = (), console: Console | None = None) -> None:
        self._session_id = session_id
        self._roots = tuple(Path(root) for root in roots)
        self._console = console or Terminal(highlight=False)
        self._renderer = Renderer(self._console, self._display)
        self._calls: dict[str, ToolCall] = {}
        self._commands: set[str] = set()
        self._route = ""
        self._at = 0.0
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            ev.SessionCreated: self._created,
            ev.ConfigurationInForce: self._configured,
            ev.PromptReceived: self._prompted,
            ev.PromptQueued: self._queued,
            ev.PromptTakenBack: lambda event: self._line(f"  taken back. {event.why}".rstrip(), "dim"),
            ev.PromptSteered: lambda event: self._prompted(event.prompt),
            ev.Routed: self._routed,
            ev.ToolsMatched: self._matched,
            ev.PrefixChanged: self._prefix_changed,
            ev.ResultsFaded: lambda event: self._line(f"  {words.faded(event)}", "dim"),
            ev.ModelReplied: self._replied,
            ev.PermissionDecided: self._decided,
            ev.GrantAdded: self._granted,
            ev.GrantRevoked: self._revoked,
            ev.QuestionAnswered: self._answered,
            ev.ChecksStarted: self._checks_started,
            ev.EvidenceRecorded: self._evidence,
            ev.CallStarted: self._started,
            ev.CallFinished: self._finished,
            ev.RewindStarted: self._rewinding,
            ev.Rewound: self._rewound,
            ev.SessionResumed: self._resumed,
            ev.SessionClosed: self._closed,
            ev.SessionRenamed: lambda event: self._line(f"called: {event.title}", "dim"),
            ev.ChangesKept: lambda event: self._line(f"kept {len(event.change_ids)} of the changes", "dim"),
            ev.JournalRepaired: self._repaired,
            ev.FindingApplying: self._applying,
            ev.JobStarted: lambda event: self._line(
                f"  job {event.job_id} runs in the background: {event.command}", "dim"
            ),
            ev.JobEnded: lambda event: self._line(f"  job {event.job_id}: {standing(event)}", "dim"),
            ev.FindingSettled: self._settled,
        }

    def show(self, record: ev.Recorded) -> None:
        """Write one event."""
        if isinstance(record.event, ev.UnknownEvent):
            self._line(f"  {revealed(str(record.event.raw.get('type')))}: an event of a later version", "dim")
            return
        event, self._at = plain(record.event), record.at
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        self._renderer.show(ev.Publication(self._session_id, record.seq, record.seq, event))

    def _created(self, event: ev.SessionCreated) -> None:
        self._roots = tuple(Path(root) for root in event.roots)
        self._line(f"Session {event.session_id} of {', '.join(event.roots)}", "bold")
        self._line(f"started {when(self._at)} in {event.face}", "dim")
        if event.parent is not None:
            self._line(f"a sub-agent of session {event.parent.session_id}", "dim")

    def _configured(self, event: ev.ConfigurationInForce) -> None:
        rules = f", allowed: {', '.join(event.rules)}" if event.rules else ""
        trusted = "trusted" if event.trusted else "not trusted"
        words = f"{event.agent_type}, mode {event.modes}, {event.model}{rules}, workspace {trusted}"
        self._line(f"{words} ({event.cause})", "dim")

    def _prompted(self, event: ev.PromptReceived) -> None:
        self._line("", "")
        for line in event.text.splitlines():
            self._line(f"> {line}", "bold")
        for it in event.context:
            if it.kind == "mention":
                continue  # The renderer says why nothing is attached.
            place = f"{it.path}:{it.first_line}-{it.last_line}" if it.first_line else it.path or it.name
            said = f": {one_line(it.text)}" if it.kind == "diagnostic" else ""
            self._line(f"  with {it.kind} {place}{said}", "dim")
        self._line(f"  {when(self._at)} in {event.face}", "dim")

    def _queued(self, event: ev.PromptQueued) -> None:
        how = "joins the turn at its next step" if event.steers else "waits"
        self._line(f"  {how}: {one_line(event.prompt.text)}", "dim")

    def _routed(self, event: ev.Routed) -> None:
        route = f"  to {event.agent_type}, {event.model}: {event.why}"
        if route != self._route:
            self._line(route, "dim")
        self._route = route

    def _matched(self, event: ev.ToolsMatched) -> None:
        self._line(f"  looked for a tool, {event.query!r}: {', '.join(event.hits) or 'none'}", "dim")

    def _prefix_changed(self, event: ev.PrefixChanged) -> None:
        if event.changed:
            self._line(f"  the request begins otherwise: {event.why}", "dim")

    def _replied(self, event: ev.ModelReplied) -> None:
        self._calls |= {call.id: call for call in event.message.calls}

    def _checks_started(self, event: ev.ChecksStarted) -> None:
        self._calls |= {
            it.call_id: ToolCall(id=it.call_id, name="shell", input={"command": it.command})
            for it in event.checks
        }

    def _evidence(self, event: ev.EvidenceRecorded) -> None:
        said = f" ({event.summary})" if event.summary else ""
        self._line(f"  evidence: {event.check} {event.outcome.replace('_', ' ')}{said}", "dim")

    def _decided(self, event: ev.PermissionDecided) -> None:
        """Write what the renderer leaves out: a rule that allows."""
        call = self._calls.get(event.call_id)
        if call is None or event.by == "person" or event.decision != "allow":
            return
        rule = f" ({event.rule})" if event.rule else ""
        self._line(f"  {call.name} allowed: {event.why}{rule}", "dim")

    def _granted(self, event: ev.GrantAdded) -> None:
        self._line(f"  allowed in this {event.scope} from here on: {event.rule}", "yellow")

    def _revoked(self, event: ev.GrantRevoked) -> None:
        self._line(f"  grant {event.grant_id} taken back", "yellow")

    def _answered(self, event: ev.QuestionAnswered) -> None:
        words = ", ".join(it for it in (event.option_id, event.text) if it)
        who = {"person": "by you", "nobody": "nobody was there", "withdrawn": "withdrawn"}[event.by]
        self._line(f"  > {words + ', ' if words else ''}{who}", "yellow")

    def _started(self, event: ev.CallStarted) -> None:
        if event.effect_class == "shell":
            self._commands.add(event.call_id)

    def _finished(self, event: ev.CallFinished) -> None:
        """Write the end of a command's output; the results of other tools are for the model alone."""
        if event.call_id not in self._commands:
            return
        self._commands.discard(event.call_id)
        for line in last_lines(event.content) if event.outcome != "unknown" else ():
            self._line(f"    {line}", "dim")

    def _resumed(self, event: ev.SessionResumed) -> None:
        self._line(f"opened again {when(self._at)} in {event.face}", "dim")

    def _rewinding(self, event: ev.RewindStarted) -> None:
        talk = ", and the conversation" * event.conversation
        by = f", in {event.face}" if event.face else ""
        self._line(f"{event.label}: {counted(len(event.edits), 'file')}{talk}{by}", "bold")

    def _rewound(self, event: ev.Rewound) -> None:
        for it in event.left:
            self._line(f"  left alone: {self._display(Path(it.path))}: {it.why}", "yellow")
        if event.outcome == "interrupted":
            self._line("  It was interrupted; what had gone back by then stays so.", "yellow")
        elif not event.finished:
            self._line("  Not all of it went back.", "yellow")
        elif event.turn_id is not None:
            self._line("  The conversation is as it was before that turn.", "dim")

    def _applying(self, event: ev.FindingApplying) -> None:
        self._line(f"{event.label}{f', in {event.face}' if event.face else ''}", "bold")

    def _settled(self, event: ev.FindingSettled) -> None:
        by = f" in {event.face}" if event.face else ""
        words = {"applied": "applied", "dismissed": "dismissed", "kept": "not applied"}[event.how]
        self._line(
            f"  finding {event.finding_id} {words}{by}{f': {event.why}' if event.why else ''}", "yellow"
        )

    def _closed(self, event: ev.SessionClosed) -> None:
        self._line(f"closed {when(self._at)}: {event.reason}", "dim")

    def _repaired(self, event: ev.JournalRepaired) -> None:
        what = (
            f"{event.dropped_bytes:,} bytes of an unfinished event were cut aside into"
            if event.kept_in != APPENDIX
            else f"Salvaged: the {event.dropped_bytes:,} bytes that came next are damaged; whole lines of them are in"
        )
        self._line(f"{what} {event.kept_in}.", "yellow")

    def _display(self, path: Path) -> str:
        root = next((it for it in self._roots if path.is_relative_to(it)), None)
        return str(path.relative_to(root)) if root is not None else str(path)

    def _line(self, text: str, style: str) -> None:
        self._console.print(Text(text, style), soft_wrap=True)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return revealed(value.replace("\r\n", "\n"))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value
