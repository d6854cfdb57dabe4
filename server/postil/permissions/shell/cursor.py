"""A place in a text that is being read, and how deep the reading has gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from postil.permissions.shell.syntax import Refused

DEEPEST = 32
"""Levels of nesting that are read."""
MOST_COMMANDS = 64
"""Simple commands that are read."""
MOST_PIECES = 1024
"""Words, and changes of quoting within them, that are read."""

BLANKS = " \t"
META = " \t\n;&|<>()"


@dataclass
class Budget:
    """What nested readings share."""

    commands: int = 0
    pieces: int = 0
    open: int = 0
    """Compound commands and expansions that are being read."""
    heres: int = 0
    """Here-documents whose text is still to come."""


@dataclass
class Cursor:
    """Reads `text` from `at`."""

    text: str
    depth: int = 0
    budget: Budget = field(default_factory=Budget)
    at: int = 0

    def __post_init__(self) -> None:
        if self.depth > DEEPEST:
            raise Refused("size", f"it is nested more than {DEEPEST} levels deep", self.at)

    @property
    def done(self) -> bool:
        """Whether all is read."""
        return self.at >= len(self.text)

    def peek(self, ahead: int = 0) -> str:
        """Return the character that comes, empty at the end."""
        index = self.at + ahead
        return self.text[index] if index < len(self.text) else ""

    def sees(self, words: str) -> bool:
        """Whether exactly this comes next."""
        return self.text.startswith(words, self.at)

    def takes(self, words: str) -> bool:
        """Step over `words` if they come next; whether they did."""
        if not self.sees(words):
            return False
        self.at += len(words)
        return True

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Step over what the pattern matches here, and return it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def until(self, end: str, what: str) -> str:
        """Return the text before the next `end`, and step over both."""
        found = self.text.find(end, self.at)
        if found < 0:
            raise Refused("syntax", f"{what} has no end", self.at)
        text = self.text[self.at : found]
        self.at = found + len(end)
        return text

    def blanks(self) -> None:
        """Step over blanks, over lines that are continued between words, and over a comment."""
        while True:
            if self.peek() and self.peek() in BLANKS:
                self.at += 1
            elif self.sees("\\\n"):
                if self.at and self.text[self.at - 1] not in BLANKS:
                    raise Refused("continuation", "a line is continued inside a word or an operator", self.at)
                self.at += 2
            else:
                break
        if self.peek() == "#" and (self.at == 0 or self.text[self.at - 1] in META):
            self._comment()

    def _comment(self) -> None:
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        if self.text[self.at : end].rstrip("\r").endswith("\\"):
            raise Refused(
                "continuation", "a comment ends with a backslash, which shells read differently", end
            )
        self.at = end

    def nested(self, text: str) -> Cursor:
        """Return a cursor over a text that lies inside this one, decoded."""
        return Cursor(text, self.depth + 1, self.budget)

    def refuse(self, reason: str, check: str = "syntax") -> Refused:
        """Return the error that the text here is not recognised."""
        return Refused(check, reason, self.at)
