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


class SeenText(Value):
    """How much of a text was shown."""

    hash: str
    upto: int | None = None
    """How many lines from the top, without a gap; None where it was all of them."""
