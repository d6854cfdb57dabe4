"""What a tool needs of the other tools: a search for those that are not in every request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from postil.core.found import FoundTool
from postil.core.origin import Source


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


class NoFinder:
    """Stands where there are no such tools."""

    async def find(self, query: str) -> ToolSearch:
        """Find nothing."""
        del query
        return ToolSearch()
