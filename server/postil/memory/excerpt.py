"""A short excerpt of a text, from about where it has a word of the question."""

from __future__ import annotations

from collections.abc import Sequence

from postil.core.revealing import one_line
from postil.memory.terms import asked

LONGEST = 220
"""Characters of an excerpt."""
_BEFORE = 60


def excerpt(text: str, queries: Sequence[str]) -> str:
    """Return one line of the text, with the longest of the words in it that were asked for."""
    folded = text.casefold()
    words = sorted({word for query in queries for word in asked(query)}, key=lambda it: (-len(it), it))
    at = next((place for word in words if (place := folded.find(word)) >= 0), 0)
    start = max(0, at - _BEFORE)
    if start:
        start += max(0, text[start:at].find(" ") + 1)
    return one_line(("…" if start else "") + " ".join(text[start : start + 2 * LONGEST].split()), LONGEST)
