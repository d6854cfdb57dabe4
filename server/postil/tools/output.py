"""Text for the model and for people: displayable, of bounded length, and plain about what was left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

TITLE_LENGTH = 80

surrogate = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: what a byte becomes that is not UTF-8."""

_invisible = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def displayable(text: str) -> str:
    """Return the text with lone surrogates replaced by U+FFFD, so that it can be sent and shown."""
    return text if text.isascii() else surrogate.sub("\ufffd", text)


def revealed(text: str) -> str:
    """Return the text with characters that hide or reorder others written as escapes; lines stay lines."""
    return _invisible.sub(lambda match: _escape(match.group()), displayable(text))


def one_line(text: str, length: int = TITLE_LENGTH) -> str:
    """Return the text as one revealed line of at most `length` characters; line breaks show as `⏎`."""
    line = re.sub(r"\s*\n\s*", " ⏎ ", text.strip().replace("\r\n", "\n")).replace("\t", " ")
    return cut(revealed(line), length)


def cut(text: str, length: int) -> str:
    """Return at most `length` characters, an ellipsis among them where some were left out."""
    return text if len(text) <= length else text[: length - 1] + "…"


def shortened(text: str) -> str:
    """Return something that was sent, short enough to be quoted in an error."""
    return cut(revealed(text).replace("\n", "\\n"), TITLE_LENGTH)


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
    head = text[: limit // 4]
    tail = text[len(text) - (limit - limit // 4) :]
    if "\n" in head:
        head = head[: head.rindex("\n") + 1]
    if "\n" in tail:
        tail = tail[tail.index("\n") + 1 :]
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


def _escape(character: str) -> str:
    if character == "\r":
        return "\\r"
    code = ord(character)
    name = unicodedata.category(character)
    return f"\\x{code:02x}" if name == "Cc" else f"\\u{code:04x}"
