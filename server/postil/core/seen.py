"""What the model has seen of a file's text, which is what it may replace as a whole."""

from __future__ import annotations

from postil.core.messages import Value


class SeenPart(Value):
    """Lines of a file that a result shows."""

    path: str
    hash: str
    """`text_hash` of the whole text that they were part of."""
    first: int
    """Counted from 1."""
    last: int | None
    """None where the text's last line is among them, or it has none."""
    again: bool = False
    """Whether the result only says that they stand in an earlier one."""


class ShownPart(Value):
    """Lines of a file that stand in a result of the conversation."""

    hash: str
    first: int
    last: int | None
    message: int
    """The result's place in the conversation, from 0."""
    call_id: str
    used: int
    """The place of the last result that referred to it."""

    def covers(self, part: SeenPart) -> bool:
        """Whether all that the part shows stands here."""
        ends = self.last is None or (part.last is not None and part.last <= self.last)
        return self.hash == part.hash and self.first <= part.first and ends


class SeenText(Value):
    """How much of a text was shown."""

    hash: str
    upto: int | None = None
    """How many lines from the top, without a gap; None where it was all of them."""
