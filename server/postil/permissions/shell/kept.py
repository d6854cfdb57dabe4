"""What a rule keeps from being read or written, where a command names it, a folder around it, or a pattern for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from postil.permissions.shell.files import walk
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Part
from postil.permissions.shell.reads import matches
from postil.permissions.shell.surroundings import Closed, Surroundings, is_below
from postil.permissions.shell.touches.table import is_known
from postil.permissions.shell.touches.touched import Target
from postil.permissions.shell.usage import Usage
from postil.permissions.shell.wildcards import is_pattern, wildcard

MOST_ENTRIES = 20_000
MOST_NAMED = 256

Operation = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule that stands before a word of a command, and what of it."""

    path: str
    rule: str
    denies: bool
    """Whether the very path is denied; else it is asked about, or it is the path of a folder that holds what is denied."""
    around: bool = False
    """Whether the path is such a folder, or a pattern."""


def is_open(part: Part, usage: Usage | None) -> bool:
    """Whether the words of a part count as all they could do: it is not known only to read, nor are they another program's."""
    if usage is not None and not usage.doubts:
        return False
    return is_known(part.base) or part.base not in STARTERS


def kept(one: Target, operation: Operation, part: Part, around: Surroundings) -> Kept | None:
    """Return the strictest rule that stands before a word; None where none does."""
    below = around.kept_below if operation == "read" else around.closed_below
    if not below:
        return None
    closed = around.kept_back if operation == "read" else around.closed
    found = [Kept(path, it.rule, it.denies) for path in one.paths if (it := closed(path)) is not None]
    if not any(it.denies for it in found):
        found += [
            Kept(path, it, denies=False, around=True)
            for path in one.paths
            if (it := held(path, operation, around))
        ]
        found += _by_pattern(one, part, (closed, below), around)
    return max(found, key=lambda it: (it.denies, not it.around), default=None)


def held(folder: str, operation: Operation, around: Surroundings) -> str:
    """Return a rule that keeps back something in a folder; empty where there is none."""
    below = around.kept_below if operation == "read" else around.closed_below
    closed = around.kept_back if operation == "read" else around.closed
    if not below or not any(is_below(it, folder) or is_below(folder, it) for it, _ in below):
        return ""
    if not around.files.complete:
        return next((rule for it, rule in below if is_below(it, folder)), "")
    known = around.memory.held if around.memory is not None else {}
    key = (folder, operation)
    if key not in known:
        known[key] = _met(folder, closed, around)
    return known[key]


def _met(folder: str, closed: Callable[[str], Closed | None], around: Surroundings) -> str:
    entry = around.files.look(folder)
    if entry is None or entry.kind != "dir":
        return ""
    try:
        rules = (
            it for path, _ in walk(folder, around.files, MOST_ENTRIES) if (it := closed(path)) is not None
        )
        return next((it.rule for it in rules), "")
    except OverflowError:
        return "a rule"


def _by_pattern(
    one: Target,
    part: Part,
    keeping: tuple[Callable[[str], Closed | None], tuple[tuple[str, str], ...]],
    around: Surroundings,
) -> list[Kept]:
    """Return the rules that stand before what a pattern may stand for."""
    closed, below = keeping
    text = one.word.text
    if not one.word.pattern or text is None or not is_pattern(text):
        return []
    if not around.files.complete:
        return [
            Kept(path, rule, denies=False, around=True)
            for path in one.paths
            for folder, rule in below
            if _may_be(path.split("/"), folder.split("/"))
        ]
    names = (it for folder in part.cwds or () for it in _listed(text, folder, around))
    return [Kept(path, it.rule, it.denies) for path in names if (it := closed(path)) is not None]


def _may_be(pattern: list[str], folder: list[str]) -> bool:
    """Whether a pattern for a path may stand for a folder, or for something in it or around it."""
    together = zip(pattern, folder, strict=False)
    return len(pattern) >= len(folder) and all(
        wildcard(one.casefold()).may_be(name.casefold()) for one, name in together
    )


def _listed(pattern: str, folder: str, around: Surroundings) -> list[str]:
    found = [it for it in matches(pattern, folder, around) if it is not None][:MOST_NAMED]
    places = [around.place(it, folder) for it in found]
    return [it.physical for it in places if it is not None]
