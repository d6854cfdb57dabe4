"""What is left of a sub-agent: how its work ended, what it spent, and what the session above is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from postil.core.delegation import SubagentEnd, SubagentFinished, SubagentStarted
from postil.core.events import CallFinished, CallOutcome
from postil.core.messages import AssistantMessage
from postil.core.origin import Source
from postil.core.state import State

_MOST_NAMED = 20
"""Files that are named; of more, their number is told."""
ENDS: dict[str, str] = {
    "max_tokens": "Its last reply was cut at the limit of output tokens.",
    "max_turn_requests": "It had made all the steps that it may.",
    "refusal": "Its model declined to go on.",
    "cancelled": "It was stopped.",
    "budget_exhausted": "A limit has no room for its next step.",
    "failed": "It failed.",
    "interrupted": "Postil ended while it worked. It was not run again.",
    "not_begun": "It never began, and was not run again.",
}


@dataclass(frozen=True, slots=True)
class Left:
    """What a sub-agent leaves to the call that it worked for."""

    finished: SubagentFinished
    content: str
    sources: tuple[Source, ...]
    doubtful: bool = False
    """Whether something that it began is not known to have ended."""

    @property
    def done(self) -> bool:
        """Whether it came to its own end."""
        return self.finished.reason == "end_turn"

    @property
    def outcome(self) -> CallOutcome:
        """How its call ends, where nobody stopped it."""
        return "completed" if self.done else "unknown" if self.doubtful else "failed"


def left_by(
    started: SubagentStarted, state: State, display: Callable[[Path], str], message: str = ""
) -> Left:
    """Return what a sub-agent left whose turn has ended, from its own state; its messages have to be read before."""
    workflow, end = state.workflow, state.workflow.last_end
    reason: SubagentEnd = end.reason if end is not None else "not_begun"
    finished = SubagentFinished(
        turn_id=started.turn_id,
        call_id=started.call_id,
        session_id=started.session_id,
        reason=reason,
        message=message or (end.message if end is not None else ""),
        steps=end.steps if end is not None else 0,
        calls=workflow.call_count,
        usage=workflow.usage,
        cost=workflow.cost,
        spent=workflow.spent,
        seconds=end.seconds if end is not None else 0.0,
        commands=_commands(state),
        commanded=workflow.verifying.commanded > 0,
    )
    doubts = [it for it in workflow.changes if it.doubtful]
    unknown = bool(doubts) or any(it.outcome == "unknown" for it in workflow.calls.values())
    return Left(finished, _content(finished, state, display, unknown=unknown), _sources(state), unknown)


def lost(started: SubagentStarted, reason: SubagentEnd, message: str, *, doubtful: bool) -> Left:
    """Return what is left of one that has no record that can be read."""
    finished = SubagentFinished(
        turn_id=started.turn_id, call_id=started.call_id, session_id=started.session_id,
        reason=reason, message=message, cost=None if doubtful else 0.0, commanded=doubtful,
    )  # fmt: skip
    return Left(finished, _stopped(finished), (), doubtful)


def call_finished(left: Left, outcome: CallOutcome, tool: str) -> CallFinished:
    """Return the end of the call that a sub-agent worked for."""
    return CallFinished(
        turn_id=left.finished.turn_id,
        call_id=left.finished.call_id,
        tool=tool,
        outcome=outcome,
        content=left.content,
        sources=left.sources,
        details=details(left.finished),
    )


def details(finished: SubagentFinished) -> dict[str, JsonValue]:
    """Return the facts that a person is told of it."""
    return {
        "session": finished.session_id, "end": finished.reason, "steps": finished.steps, "calls": finished.calls,
    }  # fmt: skip


def last_words(state: State) -> str:
    """Return what its model said last in words."""
    for message in reversed(state.conversation.messages):
        if isinstance(message, AssistantMessage) and message.text.strip():
            return message.text.strip()
    return ""


def _content(
    finished: SubagentFinished, state: State, display: Callable[[Path], str], *, unknown: bool
) -> str:
    words = last_words(state)
    done = finished.reason == "end_turn"
    lines = [words or "(The sub-agent ended without a word.)"] if done else [_stopped(finished)]
    if words and not done:
        lines.append(f"Its last words were:\n{words}")
    if changed := _changed(state, display):
        lines.append(f"[Files that it changed: {changed}. Read them again before you edit them.]")
    if unknown:
        lines.append("[Of something that it began nobody saw the end. Look at what it would have changed.]")
    if not done:
        lines += _ran(state)
    return "\n\n".join(lines)


def _stopped(finished: SubagentFinished) -> str:
    why = finished.message or ENDS.get(finished.reason, "")
    return f"The sub-agent ended before its work was done. {why}".rstrip()


def _changed(state: State, display: Callable[[Path], str]) -> str:
    paths = list(dict.fromkeys(display(Path(it.path)) for it in state.workflow.changes))
    more = len(paths) - _MOST_NAMED
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _ran(state: State) -> list[str]:
    commands = _commands(state)
    return [f"[Commands that it began: {'; '.join(commands[-_MOST_NAMED:])}]"] if commands else []


def _commands(state: State) -> tuple[str, ...]:
    return tuple(command for mark in state.workflow.marks for command in mark.commands)


def _sources(state: State) -> tuple[Source, ...]:
    """Return whose words its own may repeat. They are a model's in any case, so they are shown as material."""
    root = Source(origin="workspace", name=next(iter(state.workflow.roots), ""))
    return tuple(dict.fromkeys((root, *(it.source for it in state.workflow.read))))
