"""What a tool needs of the other tools: those that are not in every request, searched for and used by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from postil.core.effects import Invocation
from postil.core.errors import UnknownTool
from postil.core.found import FoundTool
from postil.core.messages import ToolCall
from postil.core.origin import Source
from postil.core.revealing import shortened


@dataclass(frozen=True, slots=True)
class Hit:
    """A tool that fits a search."""

    tool: FoundTool
    line: str
    """What it is for, in one line."""
    source: Source | None = None
    """Who wrote that line, where it was not us."""


@dataclass(frozen=True, slots=True)
class ToolSearch:
    """What a search for tools found."""

    hits: tuple[Hit, ...] = ()
    """Best first."""
    of: int = 0
    """How many tools were searched."""
    notes: tuple[str, ...] = ()
    """Why there may be more, a sentence each."""


class ToolFinder(Protocol):
    """The tools that are not in every request."""

    async def find(self, query: str) -> ToolSearch:
        """Return those that fit the words, best first; may wait a moment for some that are on their way."""
        ...

    async def used(self, call: ToolCall) -> Invocation:
        """Return what a call of one of them would do. Raises ToolError."""
        ...


class NoFinder:
    """Stands where there are no such tools."""

    async def find(self, query: str) -> ToolSearch:
        """Find nothing."""
        del query
        return ToolSearch()

    async def used(self, call: ToolCall) -> Invocation:
        """Raise UnknownTool."""
        raise UnknownTool(f"There is no tool named `{shortened(call.name)}` here.")
