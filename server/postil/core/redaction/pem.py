"""Private keys between their lines of dashes: each line of the key itself, whatever stands before it on the line."""

from __future__ import annotations

import re
from itertools import takewhile

_KIND = r"(?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_BEGINS = re.compile(f"-----BEGIN {_KIND}")
_ENDS = re.compile(f"-----END {_KIND}")
_ONE_LINE = re.compile(
    r"(?<=PRIVATE KEY-----)(?:(?:\\{1,4}[rn]|[A-Za-z0-9+/= ]){16,}(?=-----END )"
    r"|(?:\\{1,4}[rn]| ){0,4}[A-Za-z0-9+/=]{40,}(?:\\{1,4}[rn]|[A-Za-z0-9+/= ])*)"
)
"""A key in a string, its line ends written as escapes; without an end where it was cut."""
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|MessageID|Charset): ?")
_LETTER = re.compile("[A-Za-z]")
_LEFT_OUT = re.compile(r"\[…\]|\[(?:… )?[\d,]{1,15} characters left out")
_LONGEST = 400
"""Lines that a key may have, and characters of a line that is no piece of it."""
_FURTHER_IN = 8
"""Columns that a line of a key may begin further in than the line of dashes."""
_FIRST = 16
"""Characters at least of a key's first line, or of its last where that alone is known: what is shorter is a word."""
_FULL = 40
"""Characters of a line of a key that is not its last."""


class Keys:
    """Goes through a text line by line and knows whether it is within a key."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._left = 0
        self._before = ""
        self._counted = False
        self.count = 0
        """How many keys there were."""

    def line(self, line: str) -> str:
        """Return the line, without what it holds of a key."""
        if self._left and "-----" not in line:
            return self._within(line)
        if (begun := _BEGINS.search(line)) is not None:
            line, one_line = _ONE_LINE.subn(self._mark, line)
            self._left = 0 if _ENDS.search(line) else _LONGEST
            self._before = line[: begun.start()]
            self._counted = bool(one_line)
            self.count += self._counted
        elif self._left:
            self._left = 0
        return line

    def _within(self, line: str) -> str:
        self._left -= 1
        found = key_in(line, self._before)
        if found is not None and (self._counted or found[1] - found[0] >= _FIRST):
            self.count += not self._counted
            self._counted = True
            return f"{line[: found[0]]}{self._mark}{line[found[1] :]}"
        if not _goes_on(line, self._before):
            self._left = 0
        return line


def without_keys(text: str, mark: str) -> tuple[str, int]:
    """Return the text with the lines of private keys replaced by the mark, and how many keys there were."""
    if "PRIVATE KEY" not in text:
        return text, 0
    keys = Keys(mark)
    lines = list(map(keys.line, text.split("\n")))
    count = keys.count
    for index, line in enumerate(lines):
        end = _ENDS.search(line)
        if end is not None and _BEGINS.search(line) is None:
            count += _back_from(lines, index, line[: end.start()], mark)
    return "\n".join(lines), count


def key_in(line: str, before: str) -> tuple[int, int] | None:
    """Return where a line holds a piece of a key; `before` is what stood before the line of dashes."""
    rest = line.rstrip().removesuffix(" +").rstrip("\"'`,;) ").removesuffix("\\n").removesuffix("\\r")
    start = len(rest.rstrip(_ALPHABET))
    shared = _shared(line, before)
    if before[:1] in ("+", "-", " ") and line[:1] == "+":
        shared = max(shared, 1)  # the sign of a difference
    start = max(start, shared)
    beside = line[shared:start]
    if start >= len(rest) or start > len(before) + _FURTHER_IN or _LETTER.search(beside):
        return None
    return start, len(rest)


def _goes_on(line: str, before: str) -> bool:
    """Whether a line that is no piece of a key may stand within one: a header, an empty one, or what was left out."""
    rest = line[_shared(line, before) :]
    return (
        _LETTER.search(rest) is None
        or _LEFT_OUT.search(rest) is not None
        or (len(line) <= _LONGEST and _HEADER.search(rest) is not None)
    )


def _shared(line: str, before: str) -> int:
    """Return how many characters both begin with."""
    return sum(1 for _ in takewhile(lambda it: it[0] == it[1], zip(line, before, strict=False)))


def _back_from(lines: list[str], end: int, before: str, mark: str) -> int:
    """Replace the end of a key of which the beginning was left out; returns whether there was any."""
    index = end - 1
    while index >= max(0, end - _LONGEST):
        found = key_in(lines[index], before)
        least = _FULL if index < end - 1 else _FIRST
        if found is None or found[1] - found[0] < least:
            break
        lines[index] = f"{lines[index][: found[0]]}{mark}{lines[index][found[1] :]}"
        index -= 1
    return 1 if index < end - 1 else 0
