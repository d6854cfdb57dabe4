"""Random changes to texts, as people and releases make them, and the styles in which texts are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
SCRIPTS = ("漢字かな交じり", "größe", "🎈👩‍👩‍👧", "Ελληνικά", "العربية", "e\u0301")
_WORD = re.compile(r"[A-Za-z_]{3,}")

Change = Callable[[list[str], Random, str], None]
"""Changes a list of lines in place; the string is what new words are made of."""


def lines_of(text: str) -> list[str]:
    """Split a text into lines with their endings, whichever they are."""
    return LINE.findall(text)


def changed(text: str, rng: Random, words: str, most: int = 8) -> str:
    """Return the text after some random changes; new lines end as their neighbours do."""
    for _ in range(20):
        lines = lines_of(text) or [""]
        for _ in range(rng.randint(1, most)):
            rng.choice(CHANGES)(lines, rng, words)
        after = "".join(lines)
        if after != text:
            return after
    return text + words


def _place(lines: list[str], rng: Random) -> int:
    return rng.randrange(len(lines)) if lines else 0


def ending(lines: list[str], at: int) -> str:
    """Return how the lines around a place end."""
    for line in [*lines[at::-1], *lines[at:]]:
        body = line.rstrip("\r\n")
        if body != line:
            return line[len(body) :]
    return "\n"


def _new_line(lines: list[str], at: int, rng: Random, words: str) -> str:
    body = "".join(rng.choice(words) for _ in range(rng.randint(0, 30)))
    return f"{' ' * 4 * rng.randint(0, 3)}{body}{ending(lines, at)}"


def _delete(lines: list[str], rng: Random, _: str) -> None:
    at = _place(lines, rng)
    del lines[at : at + rng.randint(1, 4)]


def _insert(lines: list[str], rng: Random, words: str) -> None:
    at = _place(lines, rng)
    lines[at:at] = [_new_line(lines, at, rng, words) for _ in range(rng.randint(1, 4))]


def _move(lines: list[str], rng: Random, _: str) -> None:
    at = _place(lines, rng)
    block = [line for line in lines[at : at + rng.randint(1, 5)] if line.endswith(("\n", "\r"))]
    if block == lines[at : at + len(block)]:
        del lines[at : at + len(block)]
        to = _place(lines, rng)
        lines[to:to] = block


def _double(lines: list[str], rng: Random, _: str) -> None:
    at = _place(lines, rng)
    if lines[at : at + 1] and lines[at].endswith(("\n", "\r")):
        lines.insert(at, lines[at])


def _indent(lines: list[str], rng: Random, _: str) -> None:
    at = _place(lines, rng)
    for index in range(at, min(at + rng.randint(1, 5), len(lines))):
        lines[index] = "    " + lines[index] if rng.random() < 0.5 else lines[index].lstrip(" ")


def _rename(lines: list[str], rng: Random, words: str) -> None:
    at = _place(lines, rng)
    found = _WORD.findall(lines[at]) if lines else []
    if found:
        old, new = rng.choice(found), f"new_{rng.choice(words).strip()}"
        lines[:] = [re.sub(rf"\b{old}\b", new, line) for line in lines]


def _retype(lines: list[str], rng: Random, words: str) -> None:
    at = _place(lines, rng)
    body = lines[at].rstrip("\r\n") if lines else ""
    if body:
        start = rng.randrange(len(body))
        end = min(len(body), start + rng.randint(0, 3))
        lines[at] = body[:start] + rng.choice(words) + body[end:] + lines[at][len(body) :]


def _end(lines: list[str], rng: Random, _: str) -> None:
    if lines:
        body = lines[-1].rstrip("\r\n")
        lines[-1] = body if body != lines[-1] and rng.random() < 0.5 else body + ending(lines, len(lines) - 1)


CHANGES: tuple[Change, ...] = (
    _delete,
    _insert,
    _insert,
    _move,
    _double,
    _indent,
    _rename,
    _retype,
    _retype,
    _end,
)


def crlf(text: str, _: Random) -> str:
    """Let every line end as on Windows."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def cr(text: str, _: Random) -> str:
    """Let every line end as on old Macs."""
    return text.replace("\n", "\r")


def mixed(text: str, rng: Random) -> str:
    """Let each line end in its own way."""
    return "".join(line.rstrip("\n") + rng.choice(("\n", "\r\n", "\n", "\r")) for line in lines_of(text))


def odd(text: str, rng: Random) -> str:
    """Put in what other programs take for line breaks."""
    lines = lines_of(text)
    for _ in range(12):
        at = rng.randrange(len(lines))
        lines[at] = rng.choice("\f\v\x1c\x85\u2028\u2029\ufeff\u200b") + lines[at]
    return "".join(lines)


def tabs(text: str, _: Random) -> str:
    """Indent by tabs."""
    return text.replace("    ", "\t")


def strange(text: str, rng: Random) -> str:
    """Put in words of many scripts."""
    lines = lines_of(text)
    for _ in range(10):
        at = rng.randrange(len(lines))
        lines[at] = f"# {rng.choice(SCRIPTS)}\n" + lines[at]
    return "".join(lines)
