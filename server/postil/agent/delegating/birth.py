"""What the session of a sub-agent begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postil.agent.emitter import Passing, Subscriber
from postil.core.agent_types import AgentTypeInForce
from postil.core.events import ConfigurationInForce, SessionCreated
from postil.core.remembered import MemoryInForce
from postil.core.state import Grant


@dataclass(frozen=True, slots=True)
class Birth:
    """All of it is on the session's record from the start."""

    created: SessionCreated
    agent_type: AgentTypeInForce
    configuration: ConfigurationInForce
    grants: Sequence[Grant]
    memory: MemoryInForce | None
    """What the session above remembers."""
    asker: str
    """Whose its questions are, in words."""
    subscribers: Sequence[Subscriber]
    passing: Passing
    """Where its changes are handed."""
