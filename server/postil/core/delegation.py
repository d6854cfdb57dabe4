"""Sub-agents: the task that one is given, what its session has from the one that it works for, and how it began and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postil.core.event import Event
from postil.core.messages import Usage, Value
from postil.core.origin import Source
from postil.core.spending import Spent

DELEGATE = "delegate"
"""The tool that has a sub-agent do a task."""

SubagentEnd = Literal[
    "end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled",
    "budget_exhausted", "failed", "interrupted", "not_begun",
]  # fmt: skip
"""How the work of a sub-agent ended: as its turn did, or before there was one."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a sub-agent is to do."""

    agent: str
    """The agent type that it is of."""
    title: str
    """A few words, for people."""
    text: str
    """All that it is told."""


class Parent(Value):
    """What the session of a sub-agent has from the one that it works for, as that stood when it began."""

    session_id: str
    turn_id: str
    call_id: str
    """The call that it answers."""
    depth: int
    """How many sessions stand above it."""
    read: tuple[Source, ...] = ()
    """Whose words the session above had read: its task may repeat them."""
    scope: tuple[str, ...] = ()
    """The files that the person's prompt is about; a task is a model's words and adds none."""
    grants: tuple[str, ...] = ()
    """The grants that were handed down, by their ids: they hold as long as they do above."""


class SubagentStarted(Event):
    """A call has a sub-agent do a task; written and synced before its session is made."""

    type: Literal["SubagentStarted"] = "SubagentStarted"
    turn_id: str
    call_id: str
    session_id: str
    """The sub-agent's own."""
    agent_type: str
    title: str
    depth: int


class SubagentFinished(Event):
    """The one end of a sub-agent, whatever happened. What it spent counts for the turn and the session from here."""

    type: Literal["SubagentFinished"] = "SubagentFinished"
    turn_id: str
    call_id: str
    session_id: str
    reason: SubagentEnd
    message: str = ""
    """One sentence where the reason alone does not say enough."""
    steps: int = 0
    calls: int = 0
    usage: Usage = Usage()
    """Of it and its own sub-agents, as what follows."""
    cost: float | None = 0.0
    spent: Spent = Spent()
    seconds: float = 0.0
    commands: tuple[str, ...] = ()
    """What it ran, which nothing takes back."""
    commanded: bool = True
    """Whether commands may have changed files: where nobody said, they may have."""


class Subagent(Value):
    """A sub-agent as the session above it keeps it."""

    started: SubagentStarted
    finished: SubagentFinished | None = None
