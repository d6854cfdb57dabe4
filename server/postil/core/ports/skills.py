"""What the agent needs of skills: which there are for a session, the words of one, and the files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from postil.core.errors import InvalidInput
from postil.core.skills import SkillRow, SkillsInForce


@dataclass(frozen=True, slots=True)
class SkillText:
    """A skill as it stands on disk now, secrets taken out."""

    body: str
    digest: str
    """Of the whole file."""
    allowed: tuple[str, ...] | None = None
    """What alone may be used while it is active; None where it leaves out nothing."""
    files: tuple[str, ...] = ()
    """Files beside it, relative to its folder."""


class Skills(Protocol):
    """The skills of one workspace and its user."""

    async def begin(self, *, trusted: bool) -> SkillsInForce | None:
        """Return what a session has that begins now; None where there is nothing. Never raises."""
        ...

    async def load(self, row: SkillRow) -> SkillText:
        """Return a skill as it is now. Raises ToolError."""
        ...

    async def resource(self, row: SkillRow, name: str) -> str:
        """Return the text of a file beside a skill. Raises ToolError for what does not lie there or is no text."""
        ...


class NoSkills:
    """Of whoever has none."""

    async def begin(self, *, trusted: bool) -> SkillsInForce | None:
        """There is nothing."""
        del trusted

    async def load(self, row: SkillRow) -> SkillText:
        """Raise InvalidInput."""
        raise InvalidInput(f"There is no skill {row.name} here.")

    async def resource(self, row: SkillRow, name: str) -> str:
        """Raise InvalidInput."""
        raise InvalidInput(f"There is no {name} here.")


@dataclass(frozen=True, slots=True)
class SkillView:
    """The skills of one session, as a tool may use them."""

    rows: Mapping[str, SkillRow] = field(default_factory=dict[str, SkillRow])
    active: frozenset[str] = frozenset()
    """Those that were loaded in this conversation."""
    trusted: bool = False
    """Whether the workspace is trusted: without that its own skills do not count."""
    library: Skills = field(default_factory=NoSkills)
