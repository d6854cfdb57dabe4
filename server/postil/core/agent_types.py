"""The agent type of a session as it is on record: what it was begun as, with the tools, the mode, the limits and the words of that type."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postil.core.event import Event
from postil.core.messages import Value

EVERY_TOOL = "*"
"""In the place of a tool's name: every tool that there is."""
AS_CHOSEN = "as-chosen"
"""In the place of a mode: the one that the person has chosen, and no other."""
BUILD = "build"
"""The type that a session has where nobody says otherwise."""
PROPOSE_PLAN = "propose_plan"
"""The tool that hands in a plan: a person's yes to it ends plan mode."""

TypeSource = Literal["built_in", "user", "workspace"]
"""Whose a type is: Postil's, of the user's settings folder, or of a workspace that is trusted."""


def held(mode: str) -> str:
    """Return what a type that names this mode holds its sessions in; empty where it leaves the mode to the person."""
    return "" if mode == AS_CHOSEN else mode


class TypeLimits(Value):
    """The most that sessions of a type may spend, where the settings do not say less; None adds nothing to them."""

    steps: Annotated[int, Field(ge=1)] | None = None
    """Model calls in one turn."""
    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Seconds of work in one turn."""
    turn: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """US dollars in one turn."""
    session: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """US dollars in one session."""
    turn_tokens: Annotated[int, Field(gt=0)] | None = None
    """Tokens in one turn."""
    session_tokens: Annotated[int, Field(gt=0)] | None = None
    """Tokens in one session."""


class OfferedType(Value):
    """An agent type that sub-agents can be of."""

    name: str
    when: str
    """When it is the one to use."""
    source: TypeSource


class AgentTypeInForce(Event):
    """The session's agent type, written once at its start: what the file says later is for later sessions."""

    type: Literal["AgentTypeInForce"] = "AgentTypeInForce"
    name: str
    title: str
    source: TypeSource
    file: str = ""
    """The file that it was read from; empty for one of Postil's own."""
    tools: tuple[str, ...] = ()
    """As the type names them; `*` is every tool that there is."""
    mode: str
    """The mode that it holds its sessions in, or `as-chosen`."""
    limits: TypeLimits = TypeLimits()
    prompt: str = ""
    """What the model reads of it in every request."""
    offered: tuple[OfferedType, ...] = ()
    """What its sub-agents can be of, as the model is told in every request; nothing where it has none."""

    @property
    def held(self) -> str:
        """The mode that it holds its sessions in; empty where it holds none."""
        return held(self.mode)

    def names(self, tool: str) -> bool:
        """Whether its sessions may have the tool, as far as the type has a say."""
        return tool in self.tools or EVERY_TOOL in self.tools
