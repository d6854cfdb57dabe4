r"""Exact replacements in a text, as a model asks for them; pure.

A text whose lines end in `\r\n` is matched as if they ended in `\n`, and what is put in takes the ending of its
place, so that a model that writes `\n` never mixes endings.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest

from postil.core.errors import InvalidInput
from postil.workspace.texts.changes import TextChange, apply_changes, minimal_changes
from postil.workspace.texts.diff import line_counts

_SHOWN = 80
_LOOKED_AT = 50


class NoMatch(InvalidInput):
    """The old text is not in the file."""


class WrongCount(InvalidInput):
    """The old text is in the file, but not as often as said."""


@dataclass(frozen=True, slots=True)
class Replace:
    """One exact replacement; `old` must be there `count` times, no more and no less."""

    old: str
    new: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Applied:
    """A text after its replacements."""

    text: str
    changes: tuple[TextChange, ...]
    """What turns the text before into this one; `invert_changes` leads back."""
    added: int
    removed: int


def apply_replacements(text: str, replacements: Sequence[Replace]) -> Applied:
    """Apply the replacements one after the other, each to what the one before made; all or none.

    Raises InvalidInput, NoMatch, WrongCount. Takes some milliseconds a megabyte: large texts belong in a thread.
    """
    if not replacements:
        raise InvalidInput("There are no replacements.", "Give at least one of old and new.")
    after = text
    for number, replacement in enumerate(replacements, 1):
        try:
            after = _replace(after, replacement)
        except InvalidInput as error:
            if len(replacements) > 1:
                error.message = f"Replacement {number} of {len(replacements)}: {error.message}"
            raise
    if after == text:
        raise InvalidInput("The replacements leave the file as it is.")
    added, removed = line_counts(text, after)
    return Applied(after, minimal_changes(text, after), added, removed)


def _replace(text: str, replacement: Replace) -> str:
    old, new, count = replacement.old, replacement.new, replacement.count
    if not old:
        raise InvalidInput("The old text is empty.", "Give the text to replace; use write for a whole file.")
    if old == new:
        raise InvalidInput("The old and the new text are the same.")
    if count < 1:
        raise InvalidInput(f"count is {count}; it must be at least 1.")
    # Who writes \r says exactly what is meant, as long as it is there.
    literal = "\r" in old and old in text
    places = _occurrences(text, old) if literal else _places(text, old)
    if not places:
        raise NoMatch(f"The old text was not found{_nearest(text, old)}.", "Read the file again.")
    if len(places) != count:
        times = f"{len(places)} time{'s' if len(places) > 1 else ''}"
        lines = ", ".join(str(text.count("\n", 0, start) + 1) for start, _ in places[:5])
        more = ", …" if len(places) > 5 else ""
        mend = f"Say count={len(places)} for all of them, or add context."
        raise WrongCount(f"The old text was found {times} (line {lines}{more}), not {count}.", mend)
    changes = [TextChange(a, b, new if literal else _with_endings(new, text, a, b)) for a, b in places]
    return apply_changes(text, changes)


def _occurrences(text: str, old: str) -> list[tuple[int, int]]:
    return [(match.start(), match.end()) for match in re.finditer(re.escape(old), text)]


def _places(text: str, old: str) -> list[tuple[int, int]]:
    r"""Return where `old` is in the text, with `\r\n` and `\n` taken for the same."""
    old = old.replace("\r\n", "\n")
    if "\r\n" not in text:
        return _occurrences(text, old)
    plain = text.replace("\r\n", "\n")
    # Each \r that was taken out, by its offset in the plain text: an offset there is as much further in the text
    # as carriage returns come before it.
    taken = [match.start() - index for index, match in enumerate(re.finditer("\r\n", text))]
    places: list[tuple[int, int]] = []
    for start, end in _occurrences(plain, old):
        # A match that begins with \n takes the \r before it along; one that ends before \n leaves the \r alone.
        first = start + bisect_right(taken, start - 1)
        last = end + bisect_right(taken, end - 1)
        places.append((first, last))
    return places


def _with_endings(new: str, text: str, start: int, end: int) -> str:
    """Return the new text with the line endings of its place: of what it replaces, else of the nearest line."""
    if "\n" not in new:
        return new
    newline = text.find("\n", start)
    if newline < 0:
        newline = text.rfind("\n", 0, start)
    windows = newline > 0 and text[newline - 1] == "\r"
    plain = new.replace("\r\n", "\n")
    if windows:
        return plain.replace("\n", "\r\n")
    return plain if newline >= 0 else new


def _nearest(text: str, old: str) -> str:
    """Say which line is most like the first of the old text."""
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")
    if not wanted:
        return ""
    lines = [line.strip() for line in text.split("\n")]
    number = next((i for i, line in enumerate(lines) if line == wanted), None)
    if number is not None:
        return f"; line {number + 1} begins like it, so what follows or the spaces differ: {_cut(lines[number])!r}"
    number = _most_alike(lines, wanted)
    return "" if number is None else f"; the nearest line is {number + 1}: {_cut(lines[number])!r}"


def _most_alike(lines: list[str], wanted: str) -> int | None:
    """Return the index of the line most like the wanted one: judged closely are only those that share most words."""
    words = set(re.findall(r"\w{2,}", wanted))
    shared = [(sum(word in line for word in words), -index) for index, line in enumerate(lines)]
    best, least = None, 0.5
    for count, index in nlargest(_LOOKED_AT, shared):
        line = lines[-index]
        ratio = (
            1.0
            if wanted in line
            else SequenceMatcher(None, line[:200], wanted[:200]).ratio()
            if count
            else 0.0
        )
        if ratio > least:
            best, least = -index, ratio
    return best


def _cut(line: str) -> str:
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
