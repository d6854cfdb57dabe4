"""What a session needs of the servers of tools that settings name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from postil.core.effects import Fact


@dataclass(frozen=True, slots=True)
class AskedServer:
    """A server that a workspace names and that nobody has decided about."""

    fingerprint: str
    subject: str
    """Its name, and its command or its address in full."""
    facts: tuple[Fact, ...]


class ToolServers(Protocol):
    """The servers of tools of the workspace."""

    def wake(self) -> None:
        """Have those started in the background that may be; returns at once."""
        ...

    async def undecided(self) -> Sequence[AskedServer]:
        """Return those that a person is to be asked about."""
        ...

    async def decide(self, fingerprint: str, face: str, *, start: bool) -> None:
        """Keep a person's answer, and act on it. Raises OSError."""
        ...


class NoServers:
    """Stands where settings name none."""

    def wake(self) -> None:
        """Do nothing."""

    async def undecided(self) -> Sequence[AskedServer]:
        """Return nothing."""
        return ()

    async def decide(self, fingerprint: str, face: str, *, start: bool) -> None:
        """Keep nothing."""
        del fingerprint, face, start
