"""Lines that differ between two texts: opcodes, counts, and a unified diff for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_TOO_MANY = 20_000
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
    """Return where two lists of lines differ, in order; what a very long change gives is whole, not small."""
    start = 0
    shorter = min(len(a), len(b))
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a_inside, b_inside = a[start : len(a) - end], b[start : len(b) - end]
    if not a_inside and not b_inside:
        return []
    if not a_inside or not b_inside or len(a_inside) + len(b_inside) > _TOO_MANY:
        return [Hunk(start, len(a) - end, start, len(b) - end)]
    return [
        Hunk(start + a1, start + a2, start + b1, start + b2)
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, a_inside, b_inside).get_opcodes()
        if tag != "equal"
    ]


def line_counts(before: str, after: str) -> tuple[int, int]:
    """Return how many lines were added and how many removed."""
    hunks = line_hunks(split_lines(before), split_lines(after))
    return sum(h.b_end - h.b_start for h in hunks), sum(h.a_end - h.a_start for h in hunks)


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
