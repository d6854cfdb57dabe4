"""What a review finds wrong, as a value: at which lines, which stood there word for word, and what would mend it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postil.core.messages import Value

FindingSeverity = Literal["error", "warning", "info"]


class Finding(Value):
    """Something wrong at lines of a file, which stood there word for word when it was reported."""

    id: str = ""
    """Given when it is recorded."""
    path: str
    line: Annotated[int, Field(ge=1)]
    """The first of its lines, counted from 1."""
    quote: str
    """Its lines, as they stood there."""
    severity: FindingSeverity
    message: str
    replacement: str | None = None
    """What would mend it, in the place of its lines; empty to delete them."""

    @property
    def last_line(self) -> int:
        """The last of its lines, counted from 1."""
        return self.line + self.quote.count("\n")

    def same_as(self, other: Finding) -> bool:
        """Whether both say the same of the same text, wherever that stands by now."""
        return (self.path, self.quote, self.message) == (other.path, other.quote, other.message)


class OpenFinding(Value):
    """A finding that nobody has settled yet."""

    finding: Finding
    seq: int
    """Of the event that reported it."""
