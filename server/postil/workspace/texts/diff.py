"""Lines that differ between two texts: opcodes, counts, and a unified diff for people."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_TOO_MANY = 1_000
_CONTEXT = 3


class Hunk(NamedTuple):
    """Lines `a_start:a_end` of one text became `b_start:b_end` of the other; at least one side is not empty."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


def split_lines(text: str) -> list[str]:
    r"""Split after each `\n`; a lone `\r` does not end a line here."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def line_hunks(a: Sequence[str], b: Sequence[str]) -> list[Hunk]:
    """Return where two lists of lines differ, in order and apart.

    Lines that stand once in both are the fixed points (as in patience diff), so that time grows with the length
    and not with its square; only what is between them is compared closely, or, if it is long, taken whole.
    """
    start, a_end, b_end = _trimmed(a, b, 0, 0, len(a), len(b))
    hunks: list[Hunk] = []
    a_from, b_from = start, start
    for a_index, b_index in [*_fixed_points(a[start:a_end], b[start:b_end]), (a_end - start, b_end - start)]:
        hunks += _between(a, b, Hunk(a_from, start + a_index, b_from, start + b_index))
        a_from, b_from = start + a_index + 1, start + b_index + 1
    return hunks


def _trimmed(
    a: Sequence[str], b: Sequence[str], a_from: int, b_from: int, a_to: int, b_to: int
) -> tuple[int, int, int]:
    """Return how many lines agree at the beginning, and where the lines end that do not agree at the end."""
    shorter = min(a_to - a_from, b_to - b_from)
    head = 0
    while head < shorter and a[a_from + head] == b[b_from + head]:
        head += 1
    tail = 0
    while tail < shorter - head and a[a_to - 1 - tail] == b[b_to - 1 - tail]:
        tail += 1
    return head, a_to - tail, b_to - tail


def _between(a: Sequence[str], b: Sequence[str], gap: Hunk) -> Iterator[Hunk]:
    head, a_to, b_to = _trimmed(a, b, gap.a_start, gap.b_start, gap.a_end, gap.b_end)
    a_from, b_from = gap.a_start + head, gap.b_start + head
    if a_from == a_to and b_from == b_to:
        return
    if a_from == a_to or b_from == b_to or a_to - a_from + b_to - b_from > _TOO_MANY:
        yield Hunk(a_from, a_to, b_from, b_to)
        return
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a[a_from:a_to], b[b_from:b_to]).get_opcodes():
        if tag != "equal":
            yield Hunk(a_from + a1, a_from + a2, b_from + b1, b_from + b2)


def _fixed_points(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, rising on both sides, of lines that stand once in each."""
    in_a, in_b = Counter(a), Counter(b)
    place = {line: index for index, line in enumerate(b) if in_b[line] == 1}
    pairs = [(index, place[line]) for index, line in enumerate(a) if in_a[line] == 1 and line in place]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, b_index) in enumerate(pairs):
        length = bisect_left(ends, b_index)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [b_index]
        last[length : length + 1] = [number]
    run: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]


def line_counts(before: str, after: str) -> tuple[int, int]:
    """Return how many lines were added and how many removed."""
    hunks = line_hunks(split_lines(before), split_lines(after))
    return sum(h.b_end - h.b_start for h in hunks), sum(h.a_end - h.a_start for h in hunks)


def first_difference(before: str, after: str) -> int:
    """Return the first line, from 0, in which two texts differ; 0 where none does."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    return next((line for line, (one, other) in enumerate(pairs) if one != other), 0)


def unified_diff(before: str | None, after: str | None, name: str, cap: int = 20_000) -> str:
    """Return a unified diff of at most about `cap` characters; None stands for no file."""
    a, b = split_lines(before or ""), split_lines(after or "")
    hunks = line_hunks(a, b)
    if not hunks and (before is None) == (after is None):
        return ""
    # The endings are shown only where they are what differs.
    endings = _uniform(before or "") != _uniform(after or "") and before is not None and after is not None
    head = [
        "--- " + (f"a/{name}" if before is not None else "/dev/null"),
        "+++ " + (f"b/{name}" if after is not None else "/dev/null"),
    ]
    return _capped(head, _grouped(a, b, hunks, endings=endings), cap)


def _capped(head: list[str], rest: Iterator[list[str]], cap: int) -> str:
    lines = list(head)
    size = sum(map(len, lines))
    left_out = 0
    for group in rest:
        for line in group:
            size += len(line) + 1
            if size > cap:
                left_out += 1
            else:
                lines.append(line)
    if left_out:
        lines.append(f"[{left_out} more lines of this diff left out]")
    return "\n".join(lines) + "\n"


def _grouped(a: list[str], b: list[str], hunks: list[Hunk], *, endings: bool) -> Iterator[list[str]]:
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk.a_start - group[-1].a_end > 2 * _CONTEXT:
            yield _group_lines(a, b, group, endings=endings)
            group = []
        group.append(hunk)
    if group:
        yield _group_lines(a, b, group, endings=endings)


def _group_lines(a: list[str], b: list[str], group: list[Hunk], *, endings: bool) -> list[str]:
    a_start, b_start = max(0, group[0].a_start - _CONTEXT), max(0, group[0].b_start - _CONTEXT)
    a_end = min(len(a), group[-1].a_end + _CONTEXT)
    b_end = min(len(b), group[-1].b_end + _CONTEXT)
    lines = [f"@@ -{_range(a_start, a_end)} +{_range(b_start, b_end)} @@"]
    position = a_start
    for hunk in group:
        lines += _shown(" ", a[position : hunk.a_start], endings=endings)
        lines += _shown("-", a[hunk.a_start : hunk.a_end], endings=endings)
        lines += _shown("+", b[hunk.b_start : hunk.b_end], endings=endings)
        position = hunk.a_end
    return lines + _shown(" ", a[position:a_end], endings=endings)


def _shown(sign: str, lines: Sequence[str], *, endings: bool) -> list[str]:
    shown: list[str] = []
    for line in lines:
        text = line.removesuffix("\n")
        ending = "␍" if endings and text.endswith("\r") else ""
        shown.append(sign + text.removesuffix("\r") + ending)
        if not line.endswith("\n"):
            shown.append("\\ No newline at end of file")
    return shown


def _range(start: int, end: int) -> str:
    length = end - start
    return f"{start + (length > 0)},{length}" if length != 1 else f"{start + 1}"


def _uniform(text: str) -> str:
    """Return the line ending that the whole text uses, "mixed" or, with no line to end, ""."""
    total, windows = text.count("\n"), text.count("\r\n")
    if not total:
        return ""
    return "\r\n" if windows == total else "mixed" if windows else "\n"
