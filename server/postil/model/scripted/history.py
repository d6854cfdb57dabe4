"""What a scripted model keeps of a conversation, so that a request costs what is new in it and not what is old."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class History:
    """The messages of one conversation, and what was found out about them."""

    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    pieces: list[str] = field(default_factory=list[str])
    """The JSON of each message, where it came as text."""
    checked: int = 0
    """How many leading messages need no check any more."""
    calls: dict[str, int] = field(default_factory=dict[str, int])
    """The checked calls by id, with the number of their message."""
    referred: dict[str, int] = field(default_factory=dict[str, int])
    """The tools that checked results refer to, with the number of the first message that does."""
    head: tuple[object, object] = (None, None)
    """The tools and the system prompt that `prefixes` begins with."""
    prefixes: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """After each block: a hash of all up to here, and its characters."""
    starts: list[int] = field(default_factory=list[int])
    """Of each measured message, where its blocks begin in `prefixes`."""
    marks: list[int] = field(default_factory=list[int])
    """Where in `prefixes` the cache breakpoints are."""

    def keep(self, count: int) -> None:
        """Forget all but the first messages. The last of them will be checked again, with what now follows it."""
        del self.messages[count:]
        del self.pieces[count:]
        self.checked = min(self.checked, max(0, count - 1))
        while self.calls and next(reversed(self.calls.values())) >= self.checked:
            self.calls.popitem()
        while self.referred and next(reversed(self.referred.values())) >= self.checked:
            self.referred.popitem()
        if count < len(self.starts):
            self._keep_blocks(self.starts[count])
            del self.starts[count:]

    def _keep_blocks(self, count: int) -> None:
        del self.prefixes[count:]
        while self.marks and self.marks[-1] >= count:
            self.marks.pop()

    def begin(self, head: tuple[object, object]) -> bool:
        """Say whether measuring has to begin anew, because tools or system prompt are others."""
        if self.prefixes and head[0] is self.head[0] and head[1] is self.head[1]:
            return False
        self.head = head
        self.starts.clear()
        self._keep_blocks(0)
        return True
