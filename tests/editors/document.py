"""A chat document in some editor, by what it says."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

ENDED = re.compile(r"^<!-- turn (\d+): [^\n]*-->$", re.MULTILINE)


class Document(ABC):
    """What a person reads there."""

    @property
    @abstractmethod
    def text(self) -> str:
        """What it says."""

    @abstractmethod
    def until(self, seen: Callable[[], T]) -> T:
        """Return what `seen` returns once that is true."""

    def line(self, words: str) -> int:
        """Return the last line that begins with these words, from 1."""
        return max(at for at, it in enumerate(self.text.split("\n"), 1) if it.startswith(words))

    def shows(self, words: str) -> None:
        """Wait until it has these words."""
        self.until(lambda: words in self.text)

    def ended(self, count: int = 1) -> str:
        """Wait until so many answers are whole; returns the text without their last lines."""
        self.until(lambda: len(ENDED.findall(self.text)) == count and "<!--reply" not in self.text)
        return ENDED.sub("<end>", self.text)
