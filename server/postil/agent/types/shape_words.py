"""What is wrong with the shape of an agent type's front matter, in our own words instead of those of the library that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MUST_BE = {
    "name": "lower-case letters, digits and hyphens, from a letter on, 32 at most",
    "title": "a text of 1 to 60 characters",
    "when": "a text of 1 to 400 characters",
    "tools": 'a list of names of tools, as in [read, grep], or "*" for every tool',
    "mode": "the name of a mode in quotes, or as-chosen",
    "limits": "fields such as `steps: 30`, a line each",
    "limits.steps": "a whole number, 1 at least",
    "limits.seconds": "a number above 0",
    "limits.turn": "a number above 0, in US dollars",
    "limits.session": "a number above 0, in US dollars",
    "limits.turn_tokens": "a whole number above 0",
    "limits.session_tokens": "a whole number above 0",
}
"""What each field has to be."""
_LONGEST = 60


def shape_faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield each field that has a wrong shape, with the way to it, and what is wrong with it, without a full stop."""
    for it in error.errors():
        field = ".".join(map(str, it["loc"]))
        yield field, f"{field}: {_words(it)}" if field else "the front matter is no list of fields"


def _words(it: ErrorDetails) -> str:
    must = _must_be(it["loc"])
    if it["type"] == "extra_forbidden":
        return "there is no such field"
    if it["type"] == "missing":
        return f"it is missing; it must be {must}" if must else "it is missing"
    return f"it is {_shown(it['input'])}, and must be {must}" if must else it["msg"]


def _must_be(way: Sequence[int | str]) -> str:
    """Return what a field, or the innermost around it, has to be."""
    if len(way) > 1 and way[0] == "tools":
        return "the name of a tool"
    return _MUST_BE.get(".".join(map(str, way)), "")


def _shown(value: object) -> str:
    kinds: dict[type, str] = {
        list: "a list",
        dict: "fields of its own",
        type(None): "empty",
        bool: "yes or no",
    }
    if type(value) in kinds:
        return kinds[type(value)]
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
