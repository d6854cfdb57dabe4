"""Changes to a text as positions and new pieces: the smallest that turn one text into another, and their inverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from postil.workspace.texts.diff import line_hunks, split_lines


class TextChange(NamedTuple):
    """The characters `start:end` of a text give way to `text`; offsets count code points."""

    start: int
    end: int
    text: str


def minimal_changes(before: str, after: str) -> tuple[TextChange, ...]:
    r"""Return small changes, in order and apart, that turn `before` into `after`.

    No change begins or ends inside a `\r\n` or between two halves of a surrogate pair, on either side.
    """
    if before == after:
        return ()
    a, b = split_lines(before), split_lines(after)
    a_offsets = list(accumulate(map(len, a), initial=0))
    b_offsets = list(accumulate(map(len, b), initial=0))
    changes: list[TextChange] = []
    for hunk in line_hunks(a, b):
        start, end = a_offsets[hunk.a_start], a_offsets[hunk.a_end]
        old, new = before[start:end], after[b_offsets[hunk.b_start] : b_offsets[hunk.b_end]]
        head = common_prefix(old, new)
        tail = common_suffix(old, new, head)
        changes.append(TextChange(start + head, end - tail, new[head : len(new) - tail]))
    return tuple(changes)


def apply_changes(text: str, changes: Sequence[TextChange]) -> str:
    """Return the text after changes that are in order and apart."""
    return "".join(_pieces(text, changes))


def invert_changes(text: str, changes: Sequence[TextChange]) -> tuple[TextChange, ...]:
    """Return the changes that lead back to `text` from what `changes` make of it."""
    inverse: list[TextChange] = []
    shift = 0
    for change in changes:
        start = change.start + shift
        inverse.append(TextChange(start, start + len(change.text), text[change.start : change.end]))
        shift += len(change.text) - (change.end - change.start)
    return tuple(inverse)


def apart(some: Sequence[TextChange], others: Sequence[TextChange]) -> bool:
    """Whether no change of the one touches a change of the other."""
    return all(it.end < other.start or other.end < it.start for it in some for other in others)


def carried_over(before: str, after: str, now: str) -> str | None:
    """Return the text that has both the way from `before` to `after` and that from `before` to `now`; None where they touch."""
    ours, theirs = minimal_changes(before, after), minimal_changes(before, now)
    return apply_changes(before, sorted([*ours, *theirs])) if apart(ours, theirs) else None


def common_prefix(a: str, b: str) -> int:
    r"""Return the length of the longest common beginning that splits no `\r\n` and no surrogate pair."""
    length = _agreement(a, b)
    while length and (_splits(a, length) or _splits(b, length)):
        length -= 1
    return length


def common_suffix(a: str, b: str, head: int) -> int:
    """Return the length of the longest such common ending of what follows the first `head` characters."""
    length = _agreement(a[head:][::-1], b[head:][::-1])
    while length and (_splits(a, len(a) - length) or _splits(b, len(b) - length)):
        length -= 1
    return length


def _pieces(text: str, changes: Sequence[TextChange]) -> Iterator[str]:
    position = 0
    for change in changes:
        yield text[position : change.start]
        yield change.text
        position = change.end
    yield text[position:]


def _agreement(a: str, b: str) -> int:
    """Halving with slices compares whole blocks at once: a loop over characters costs a hundred times more."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _splits(text: str, position: int) -> bool:
    if not 0 < position < len(text):
        return False
    left, right = text[position - 1], text[position]
    return (left == "\r" and right == "\n") or (
        "\ud800" <= left <= "\udbff" and "\udc00" <= right <= "\udfff"
    )
