"""Which paths a word may name to a program of which nothing more is known: told widely, because it is only used against a command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from postil.permissions.shell.option_words import glued

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FILE_URL = re.compile(r"file:(?://(?:localhost)?(?=/))?", re.IGNORECASE)
_MARKED = re.compile(r"(?:file|path|concat|subfile|cache):", re.IGNORECASE)
"""What stands before a path in a word, such as openssl's `file:secret`."""
_TEXTUAL = re.compile(r"[\s\"'`(){};<>|]")
"""What makes a word a text of a small language."""
_QUOTED = re.compile(
    r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`([^`\n]*)`|q[qwx]?[\[{(|]([^\]})|\n]*)[\]})|]"
)
_OPENED = re.compile(r"(?:[<>]|(?<![\w/.~-])[rRwW])\s*([^\s\"'`(){};<>|,]+)")
"""What stands behind an arrow, or behind a command that reads or writes a file, as in sed."""
_PIECE = re.compile(r"[^\s\"'`(){};<>|,=:\[\]$&!?*+^]+")
_LIKE_A_PATH = re.compile(
    r"(?:\.{1,2}|~)?/?[\w.@+~-]*(?:/[\w.@+~-]+)+|\.[A-Za-z_][\w.-]*|[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,7}"
)
_TOPS = frozenset({
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp",
    "usr", "var", "Users", "System", "Library", "Applications", "Volumes", "private", "nix",
})  # fmt: skip
_MOST_TEXT = 16 * 1024
_MOST_NESTED = 4
_MOST_LISTED = 32


class Name(NamedTuple):
    """One path that a word may name."""

    text: str
    piece: bool
    """Whether it is a piece of a text, so that it may as well be something else that has slashes."""


@lru_cache(maxsize=8192)
def nameable(text: str) -> tuple[Name, ...]:
    """Return the paths that a word may name: itself, what stands behind `=`, `@`, a comma or a letter, and pieces of a text."""
    return tuple(dict.fromkeys(it for it in _named(text, 0) if it.text not in ("", "-", "--")))


def _named(text: str, depth: int) -> Iterator[Name]:
    if depth > _MOST_NESTED or not text or text.isdigit():
        return
    if _FILE_URL.match(text):
        yield Name(_FILE_URL.sub("", text, count=1), piece=False)
    if _URL.match(text):
        return
    textual = _TEXTUAL.search(text) is not None
    if textual:
        yield from pieces(text)
    if text.startswith("-"):
        for each in glued(text):
            yield from _named(each, depth + 1)
        return
    if "\n" not in text:
        yield Name(text, piece=textual)
    yield from _behind_marks(text, depth)


def _behind_marks(text: str, depth: int) -> Iterator[Name]:
    """Yield what a word has behind its marks; of `host:path` and `path:target` what lies on this machine."""
    if "," in text and _TEXTUAL.search(text) is None:
        for each in text.split(",")[:_MOST_LISTED]:
            yield from _named(each, depth + 1)
    for mark in "=@":
        before, found, after = text.partition(mark)
        if found and _TEXTUAL.search(before) is None:
            yield from _named(after, depth + 1)
    if marked := _MARKED.match(text):
        yield from _named(text[marked.end() :], depth + 1)
    before, colon, _ = text.partition(":")
    if colon and before and _TEXTUAL.search(before) is None:
        yield Name(before, piece=False)


def pieces(text: str) -> Iterator[Name]:
    """Yield the pieces of a small program that look like paths, and those that stand where it names files."""
    if len(text) > 2 * _MOST_TEXT:
        text = text[:_MOST_TEXT] + "\n" + text[-_MOST_TEXT:]
    found = [it[1] for it in _OPENED.finditer(text)]
    found += (inner for it in _QUOTED.finditer(text) for inner in it.groups() if inner)
    for each in found:
        plain = each.strip().lstrip("<>+| ").removeprefix("file://")
        if plain and not _URL.match(plain):
            yield Name(plain, piece=True)
    yield from (
        Name(it[0], piece=True) for it in _PIECE.finditer(text) if _LIKE_A_PATH.fullmatch(it[0]) is not None
    )


def is_of_machine(path: str) -> bool:
    """Whether an absolute path begins with a folder that file systems have; others in a text are addresses or patterns."""
    top, _, _ = path.lstrip("/").partition("/")
    return top in _TOPS


def is_bare(text: str) -> bool:
    """Whether it is a plain word, such as the name of a sub-command or of a target."""
    return "/" not in text and "." not in text
