"""Events as session updates: one vocabulary into another, and nothing else.

The same events give the same conversation, live and when a session is loaded: what was streamed is told again by the replies that are
on record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from acp.schema import AgentPlanUpdate, CurrentModeUpdate, PlanEntry

from postil.acp import wording
from postil.acp.calls import Calls
from postil.core import shortening_words as words
from postil.core.ephemeral import CallProgress, ModelRetrying, TextDelta, ThinkingDelta
from postil.core.event import Event
from postil.core.events import (
    CallFinished,
    CallStarted,
    ChecksStarted,
    Compacted,
    CompactionFailed,
    ConfigurationInForce,
    FileChanged,
    FindingReported,
    HookEnded,
    ModelReplied,
    PromptReceived,
    SessionResumed,
    SubagentFinished,
    SubagentStarted,
    TodoUpdated,
    TurnEnded,
    VerificationEnded,
)
from postil.core.messages import Thinking
from postil.core.revealing import one_line
from postil.core.verification import QUIET

Told = Sequence[Any]
"""Updates of the protocol."""
_PLAN = ("pending", "in_progress", "completed")


class Updates:
    """What one session's client is told. It remembers what of a reply was streamed."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._streamed = {"text": "", "thinking": ""}
        self._attempt = 1
        self._mode = ""
        self._works_for: dict[str, str] = {}
        """The calls that sub-agents work for, by the sub-agents' sessions."""
        self._handlers: dict[type[Event], Callable[[Any], Told]] = {
            TextDelta: self._text,
            ThinkingDelta: self._thinking,
            ModelRetrying: self._retrying,
            ModelReplied: self._replied,
            ChecksStarted: calls.checks,
            CallStarted: lambda event: [calls.started(event)],
            CallProgress: lambda event: [calls.printed(event)],
            CallFinished: lambda event: [calls.finished(event)],
            SubagentStarted: self._delegated,
            TodoUpdated: self._plan,
            ConfigurationInForce: self._configured,
            PromptReceived: self._noted,
            VerificationEnded: self._verified,
            TurnEnded: self._ended,
            Compacted: lambda event: [wording.note(words.done(event))],
            CompactionFailed: lambda event: [wording.note(words.failed(event))],
            FindingReported: self._found,
            HookEnded: self._hooked,
            SessionResumed: self._resumed,
        }

    async def of(self, event: Event) -> Told:
        """Return what the client is told of an event, in order."""
        if isinstance(event, FileChanged):
            changed = await self._calls.changed(event)
            return [changed] if changed is not None else []
        handler = self._handlers.get(type(event))
        return handler(event) if handler is not None else []

    def below(self, session_id: str, event: Event) -> Told:
        """Return what the client is told of a sub-agent's work: lines in the call that it works for."""
        call_id = self._works_for.get(session_id)
        if call_id is None:
            return []
        match event:
            case CallStarted():
                return self._line(call_id, event.title)
            case ModelRetrying():
                return self._line(call_id, event.message)
            case SubagentStarted():
                self._works_for[event.session_id] = call_id
                return self._line(call_id, f"{event.agent_type} begins: {event.title}")
            case SubagentFinished():
                self._works_for.pop(event.session_id, None)
            case _:
                pass
        return []

    def _delegated(self, event: SubagentStarted) -> Told:
        self._works_for[event.session_id] = event.call_id
        return self._line(event.call_id, f"{event.agent_type} begins: {event.title}")

    def _line(self, call_id: str, words: str) -> Told:
        return [self._calls.printed(CallProgress(call_id=call_id, text=f"{one_line(words)}\n"))]

    async def again(self, event: Event) -> Told:
        """Return what the client is told of an event when its session is loaded: the person's words too."""
        before = []
        if isinstance(event, PromptReceived):
            before = [wording.asked(event.text, event.turn_id)]
        return [*before, *await self.of(event)]

    def _id(self, turn_id: str, step: int) -> str:
        return f"{turn_id}-{step}" if self._attempt == 1 else f"{turn_id}-{step}-{self._attempt}"

    def _text(self, event: TextDelta) -> Told:
        self._streamed["text"] += event.text
        return [wording.said(event.text, self._id(event.turn_id, event.step))]

    def _thinking(self, event: ThinkingDelta) -> Told:
        self._streamed["thinking"] += event.text
        return [wording.thought(event.text, self._id(event.turn_id, event.step))]

    def _retrying(self, event: ModelRetrying) -> Told:
        """Say that what was streamed does not count: nothing takes it back."""
        begun = any(self._streamed.values())
        self._streamed = {"text": "", "thinking": ""}
        self._attempt += 1
        again = " It begins again." if begun else ""
        wait = f"Next try in {event.seconds:.0f} s ({event.attempt} of {event.of})."
        return [wording.note(f"{event.message}{again} {wait}")]

    def _replied(self, event: ModelReplied) -> Told:
        """Return what was not streamed of a reply, and its calls."""
        name = self._id(event.turn_id, event.step)
        reasons = "\n\n".join(it.text for it in event.message.content if isinstance(it, Thinking) and it.text)
        told: list[Any] = []
        if reasons and not self._streamed["thinking"]:
            told.append(wording.thought(reasons, name))
        if rest := _rest(event.message.text, self._streamed["text"]):
            told.append(wording.said(rest, name))
        self._streamed = {"text": "", "thinking": ""}
        self._attempt = 1
        return [*told, *self._calls.wanted(event)]

    def _plan(self, event: TodoUpdated) -> Told:
        entries = [
            PlanEntry(content=it.text, priority="medium", status=it.status)
            for it in event.items
            if it.status != "cancelled"
        ]
        return [AgentPlanUpdate(session_update="plan", entries=entries)]

    def _configured(self, event: ConfigurationInForce) -> Told:
        changed, self._mode = event.mode != self._mode, event.mode
        return (
            [CurrentModeUpdate(session_update="current_mode_update", current_mode_id=event.mode)]
            if changed
            else []
        )

    def _noted(self, event: PromptReceived) -> Told:
        """Say what is not attached, or not all of it."""
        return [
            wording.note(f"{it.name or it.path or it.kind}: {it.note}") for it in event.context if it.note
        ]

    def _verified(self, event: VerificationEnded) -> Told:
        return [] if event.verified or event.reason in QUIET else [wording.note(event.words)]

    def _ended(self, event: TurnEnded) -> Told:
        """Say why a turn ended where its reason does not; of a failure the answer to the prompt tells."""
        self._streamed = {"text": "", "thinking": ""}
        self._attempt = 1
        if event.reason == "failed" or not event.message:
            return []
        return [wording.note(f"{event.message} {event.mend}".rstrip())]

    def _found(self, event: FindingReported) -> Told:
        it = event.finding
        return [wording.note(f"{it.path}:{it.line}: {it.severity}: {it.message}")]

    def _hooked(self, event: HookEnded) -> Told:
        return [wording.note(f"{event.moment}: {event.message}")] if event.message else []

    def _resumed(self, event: SessionResumed) -> Told:
        if event.clean:
            return []
        return [wording.note(f"Resumed. {event.reason} Nothing was run again.")]


def _rest(whole: str, streamed: str) -> str:
    """Return what of a reply was not streamed; all of it, in a paragraph of its own, where it goes on otherwise."""
    if whole.startswith(streamed):
        return whole[len(streamed) :]
    return f"\n\n{whole}" if whole.strip() != streamed.strip() else ""
