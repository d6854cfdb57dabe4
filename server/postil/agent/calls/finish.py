"""How a call ends, and what its tool hands back to be recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from postil.agent.verifying.witness import Watched
from postil.core.effects import ToolEffect
from postil.core.events import CallOutcome, CallStarted
from postil.core.origin import Source


@dataclass(slots=True)
class Finish:
    """How the call ended, and what its tool hands back to be recorded."""

    outcome: CallOutcome
    content: str
    durable: bool = False
    """Whether it had an effect, so that the result is synced before it is shown as done."""
    details: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    effects: Sequence[ToolEffect] = ()
    intent: CallStarted | None = None
    sources: tuple[Source, ...] = ()
    """Where the content comes from; nothing where it is our own words."""
    watched: Watched | None = None
    """What was looked at before it ran, where it is a check."""
    stopped: bool = False
    """Whether the turn was stopped meanwhile, which goes on once this is recorded."""
