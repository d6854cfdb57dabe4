"""Which tools a session has: its pool, and those of servers that its agent type leaves it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass


def _none(name: str) -> bool:
    del name
    return False


@dataclass(frozen=True, slots=True)
class SessionTools:
    """What a session has of all the tools that there are; nothing where nobody says so."""

    pool: Collection[str] = ()
    """Postil's own."""
    named: Collection[str] = ()
    """Of them, what the agent type names: those are in every request and no search finds them."""
    added: Callable[[str], bool] = _none
    """Whether it has a tool that did not come with Postil."""

    def finds(self, own: str) -> bool:
        """Whether a search may find one of Postil's own tools."""
        return own in self.pool and own not in self.named


NOTHING = SessionTools()
"""What a session has that nothing is said of."""
