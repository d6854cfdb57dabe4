"""Lines and positions as LSP defines them: three line endings, three units to count characters in."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

ENCODINGS: Final[tuple[Encoding, ...]] = ("utf-8", "utf-16", "utf-32")
DEFAULT_ENCODING: Final[Encoding] = "utf-16"

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)")
# str.splitlines is three times as fast as the pattern, but breaks lines at these as well.
_PYTHON_ONLY_BREAKS = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SLICE = 2048


class Position(NamedTuple):
    """A place in a text; `character` counts the units of an encoding, or code points where the name says `column`."""

    line: int
    character: int


def split_lines(text: str) -> list[str]:
    """Split at `\\n`, `\\r\\n` and `\\r` only. Each line but the last keeps its ending; the last, perhaps empty, has none."""
    if _PYTHON_ONLY_BREAKS.search(text) is None:
        lines = text.splitlines(keepends=True)
    else:
        lines = _LINE.findall(text)
        rest = text[sum(map(len, lines)) :]
        if rest:
            lines.append(rest)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


def line_starts(lines: Sequence[str]) -> list[int]:
    """The offset at which each line begins."""
    return list(accumulate(map(len, lines[:-1]), initial=0))


def content_length(line: str) -> int:
    """The length of a line in code points, without its ending."""
    if line.endswith("\r\n"):
        return len(line) - 2
    return len(line) - 1 if line.endswith(("\n", "\r")) else len(line)


def count_units(text: str, encoding: Encoding) -> int:
    """How many units of `encoding` a text takes; a lone surrogate counts like the half of a pair."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def units_to_column(line: str, units: int, encoding: Encoding) -> int:
    """The code point at `units` in a line: clamped to its content, and to the start of a character that is cut in two."""
    end = content_length(line)
    if units <= 0:
        return 0
    if encoding == "utf-32" or line.isascii():
        return min(units, end)
    # Whole slices first: a minified file has lines of a megabyte, and only the slice at the place is walked.
    column = 0
    while column < end:
        width = count_units(line[column : min(column + _SLICE, end)], encoding)
        if width > units:
            break
        units -= width
        column += _SLICE
    while column < end:
        units -= count_units(line[column], encoding)
        if units < 0:
            break
        column += 1
    return min(column, end)


def column_to_units(line: str, column: int, encoding: Encoding) -> int:
    """How many units stand before a code point of a line, clamped to its content."""
    return count_units(line[: max(0, min(column, content_length(line)))], encoding)


def offset_at(
    lines: Sequence[str], position: Position, encoding: Encoding, starts: Sequence[int] | None = None
) -> int:
    """The offset of a position in the joined lines; what lies outside is clamped to the line, or to the text."""
    line, character = position
    if line < 0:
        return 0
    starts = starts or line_starts(lines)
    if line >= len(lines):
        return starts[-1] + len(lines[-1])
    return starts[line] + units_to_column(lines[line], character, encoding)


def position_at(
    lines: Sequence[str], offset: int, encoding: Encoding, starts: Sequence[int] | None = None
) -> Position:
    """The position of an offset in the joined lines, clamped to the text; inside a line ending it is the end of the line."""
    starts = starts or line_starts(lines)
    line = bisect_right(starts, max(offset, 0)) - 1
    return Position(line, column_to_units(lines[line], max(offset, 0) - starts[line], encoding))


def offset_in_text(text: str, position: Position, encoding: Encoding) -> int:
    """`offset_at` for a text that is not split yet."""
    return offset_at(split_lines(text), position, encoding)


def position_in_text(text: str, offset: int, encoding: Encoding) -> Position:
    """`position_at` for a text that is not split yet."""
    return position_at(split_lines(text), offset, encoding)
