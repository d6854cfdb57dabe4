"""Positions and edits as an editor counts them, written from the specification alone and sharing nothing with the server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_LINE_END = re.compile("\r\n|\n|\r")
_WIDTH = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def units(text: str, encoding: str) -> int:
    """Return how many units of the encoding a text takes."""
    codec, width = _WIDTH[encoding]
    return len(text.encode(codec, "surrogatepass")) // width


def offset_of(text: str, position: dict[str, int], encoding: str) -> int:
    """Return the offset of a position; one that is no place in the text is an error, not the nearest place."""
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    offset = starts[position["line"]]
    left = position["character"]
    while left > 0:
        assert offset < len(text), f"{position} is past the end"
        assert text[offset] not in "\r\n", f"{position} is past the end of its line"
        left -= units(text[offset], encoding)
        offset += 1
    assert left == 0, f"{position} lies inside a character"
    return offset


def position_of(text: str, offset: int, encoding: str) -> dict[str, int]:
    """Return the position of an offset."""
    starts = [0, *(found.end() for found in _LINE_END.finditer(text, 0, offset))]
    return {"line": len(starts) - 1, "character": units(text[starts[-1] : offset], encoding)}


def range_of(text: str, piece: str, encoding: str) -> dict[str, dict[str, int]]:
    """Return the range of a piece that stands in the text once."""
    assert text.count(piece) == 1, piece
    start = text.index(piece)
    return {
        "start": position_of(text, start, encoding),
        "end": position_of(text, start + len(piece), encoding),
    }


def apply(text: str, edits: Sequence[dict[str, Any]], encoding: str) -> str:
    """Return the text after edits whose ranges all mean the text as it was."""
    spans = [(*span_of(text, edit["range"], encoding), edit["newText"]) for edit in edits]
    for (_, end, _), (start, _, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
        assert end <= start, "edits overlap"
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def span_of(text: str, where: dict[str, dict[str, int]], encoding: str) -> tuple[int, int]:
    """Return the offsets of a range."""
    return offset_of(text, where["start"], encoding), offset_of(text, where["end"], encoding)
