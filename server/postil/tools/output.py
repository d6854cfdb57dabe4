"""Text for the model and for people: of bounded length, and plain about what was left out."""

from __future__ import annotations

from collections.abc import Iterable

from postil.core.cutting import beginning, ending


def first_lines(lines: Iterable[str], limit: int) -> tuple[list[str], bool]:
    """Return as many whole lines as fit into `limit` characters, and whether all of them did."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += len(line) + 1
        if used > limit:
            return kept, False
        kept.append(line)
    return kept, True


def both_ends(text: str, limit: int) -> tuple[str, int]:
    """Return the text with its middle left out where it is over `limit`, and how many characters that were.

    The end gets the larger part: that is where programs say how they fared.
    """
    if len(text) <= limit:
        return text, 0
    head = beginning(text[: limit // 4])
    tail = ending(text[len(text) - (limit - limit // 4) :])
    left_out = len(text) - len(head) - len(tail)
    return f"{head}[… {left_out:,} characters left out …]\n{tail}", left_out


def capped(text: str, limit: int) -> str:
    """Return a result within `limit`: the last guard, for tools whose own notice says how to get the rest."""
    if len(text) <= limit:
        return text
    notice = f"\n[{len(text) - limit:,} characters left out: the result is over the tool's limit.]"
    return text[: max(0, limit - len(notice))] + notice


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 line`, `2 lines`, `3 matches`."""
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
