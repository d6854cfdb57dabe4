"""A word as the path that it becomes in one folder, and what a pattern may stand for where files are not listed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import lru_cache

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.surroundings import Surroundings, is_below
from postil.permissions.shell.syntax import Text, Variable
from postil.permissions.shell.wildcards import is_pattern, wildcard
from postil.workspace.files.paths import PROTECTED_PLACES

_PLACES = tuple(it.split("/") for it in PROTECTED_PLACES)
_OPEN_PLACES = tuple(it for it in _PLACES if not it[0].startswith("."))
"""Those for which a pattern may stand that does not begin with a dot."""
_HOLDING = tuple(it[:1] for it in _PLACES if len(it) > 1)
"""Folders that hold some of them."""


def spelled(argument: Argument, folder: str) -> str:
    """Return the word with the folder for `$PWD`; what is certain of its beginning where more of it is not known."""
    if argument.text is not None:
        return argument.text
    pieces = argument.source.pieces if argument.source is not None else ()
    text = ""
    for piece in pieces:
        if isinstance(piece, Text):
            text += piece.text
        elif isinstance(piece, Variable) and piece.name == "PWD":
            text += folder
        else:
            return argument.leading
    return text or argument.leading


def is_settled(argument: Argument) -> bool:
    """Whether it is known which one path the word names, once its folder is."""
    if argument.text is not None:
        return not argument.pattern
    pieces = argument.source.pieces if argument.source is not None else ()
    return bool(pieces) and all(
        isinstance(it, Text) or (isinstance(it, Variable) and it.name == "PWD") for it in pieces
    )


def may_stand_for(pattern: str, paths: Iterable[str]) -> bool:
    """Whether a pattern for absolute paths may stand for one of these, or for something below it."""
    wanted = pattern.rstrip("/").split("/")
    return any(_fits(wanted, it.rstrip("/").split("/")) for it in paths)


def may_be_protected(pattern: str, folder: str, around: Surroundings, *, whole: bool = False) -> bool:
    """Whether a pattern for paths from a folder may stand for something protected; with `whole` also for what holds it."""
    if around.memory is None:
        return _may_be_protected(pattern, folder, around, whole=whole)
    key = (pattern, folder, whole)
    if key not in around.memory.patterns:
        around.memory.patterns[key] = _may_be_protected(pattern, folder, around, whole=whole)
    return around.memory.patterns[key]


def _may_be_protected(pattern: str, folder: str, around: Surroundings, *, whole: bool) -> bool:
    pattern = posixpath.normpath(posixpath.join(folder, pattern))
    for base in (*around.roots, around.home):
        depth = len(base.rstrip("/").split("/"))
        wanted = pattern.split("/")
        if not _fits(wanted[:depth], base.rstrip("/").split("/")):
            continue
        # Folders of that name are protected wherever they lie.
        below = wanted[depth:]
        if any(_fits(below[at:], place) for at in range(len(below)) for place in _places(below[at])):
            return True
        if whole and is_pattern(pattern) and any(len(below) == 1 and _fits(below, it) for it in _HOLDING):
            return True
    return may_stand_for(pattern, around.own)


def _places(first: str) -> tuple[list[str], ...]:
    """Return the protected places whose first name a pattern may be, by how it begins."""
    return _PLACES if first.startswith((".", "[")) or not is_pattern(first) else _OPEN_PLACES


def _fits(wanted: list[str], names: list[str]) -> bool:
    """Whether the names are what the patterns, or the first of them, may stand for."""
    if len(wanted) < len(names):
        return False
    return all(_name_fits(name, pattern) for name, pattern in zip(names, wanted, strict=False))


@lru_cache(maxsize=8192)
def _name_fits(name: str, pattern: str) -> bool:
    if not is_pattern(pattern):
        return name.casefold() == pattern.casefold()
    # A pattern stands for a hidden name only where it says so.
    hidden = name.startswith(".") and not pattern.startswith((".", "["))
    return not hidden and wildcard(pattern.casefold()).may_be(name.casefold())


def loses(pattern: str, around: Surroundings, folders: Iterable[str]) -> bool:
    """Whether a pattern for absolute paths may stand for one of these folders, the home, or what holds the workspace."""
    wanted = pattern.rstrip("/").split("/")
    above = [it for path in (*around.roots, around.home) for it in _upwards(path)]
    names = [
        it.split("/")
        for it in (*(it for it in folders if it != "/"), *above, around.home)
        if it not in around.roots
    ]
    return any(len(wanted) == len(it) and _fits(wanted, it) for it in names)


def _upwards(path: str) -> list[str]:
    found: list[str] = []
    while (path := posixpath.dirname(path)) not in ("/", ""):
        found.append(path)
    return found


def inside_any(path: str, folders: Iterable[str]) -> bool:
    """Whether a path lies in one of the folders."""
    return any(is_below(path, it) for it in folders)
