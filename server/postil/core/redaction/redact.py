"""Text without its secrets: each is replaced by a mark that names its kind, lines stay lines, and marks stay as they are.

Linear in the length of the text. What is found is found by shape alone; a secret without one, or behind a name that does not
tell, stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from postil.core.redaction.kinds import KINDS
from postil.core.redaction.marks import KEY, VALUE, mark
from postil.core.redaction.pem import without_keys
from postil.core.redaction.values import without_values

_PASSES = 4
"""How often a text is gone through at most: where one secret touches another, a mark in its place can show the other."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets."""

    text: str
    count: int
    """How many were replaced."""


def redact(text: str) -> Redacted:
    """Return the text with marks in the place of secrets; the very same text where there are none."""
    text, count = without_keys(text, mark(KEY))
    text, more = without_shapes(text)
    return Redacted(text, count + more)


def without_shapes(text: str) -> tuple[str, int]:
    """Return the text without secrets of known shapes and values of telling names, private keys left in."""
    count = 0
    for _ in range(_PASSES):
        text, more = _pass(text)
        count += more
        if not more:
            break
    return text, count


def _pass(text: str) -> tuple[str, int]:
    count = 0
    for kind in KINDS:
        text, more = kind.without(text, mark(kind.name))
        count += more
    text, more = without_values(text, mark(VALUE))
    return text, count + more
