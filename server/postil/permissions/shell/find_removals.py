"""What find takes away: by itself, or by a program that it starts."""

from __future__ import annotations

from collections.abc import Sequence

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.doings import starting_words
from postil.permissions.shell.part import Part

_REMOVING = frozenset({"rm", "shred", "unlink"})
_NARROWING = frozenset({"-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-newer", "-mtime", "-mmin",
    "-atime", "-amin", "-ctime", "-cmin", "-size", "-empty", "-user", "-group", "-perm", "-inum", "-samefile", "-xtype", "-lname", "-prune",
    "-newermt", "-links", "-nouser", "-nogroup"})  # fmt: skip
_ANYTHING = frozenset({"*", "**", "?*", "*?", "./*", ".*", "**/*"})
"""Patterns that leave nothing out, or nothing but what people see."""
_BEFORE_FOLDERS = frozenset({"-H", "-L", "-P"})


def removes_all(part: Part) -> bool:
    """Whether it removes all that it finds, and looks for nothing narrower than a kind of file."""
    words = [it.text or "" for it in part.operands]
    return any(_removes(it) and not _is_narrow(it) for it in _alternatives(words))


def folders(part: Part) -> list[Argument]:
    """Return where it begins to look."""
    found: list[Argument] = []
    for argument in part.operands:
        if (argument.text or "-")[0] in "-(!":
            if argument.text in _BEFORE_FOLDERS:
                continue
            break
        found.append(argument)
    return found or [Argument(".", leading=".")]


def _alternatives(words: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word in ("-o", "-or", ","):
            found.append([])
        else:
            found[-1].append(word)
    return found


def _removes(words: Sequence[str]) -> bool:
    starts = any(word in starting_words("find") for word in words)
    return "-delete" in words or (starts and any(it.rsplit("/", 1)[-1] in _REMOVING for it in words))


def _is_narrow(words: Sequence[str]) -> bool:
    for index, word in enumerate(words):
        negated = index > 0 and words[index - 1] in ("!", "-not")
        value = words[index + 1] if index + 1 < len(words) else ""
        if word in _NARROWING and not negated and value not in _ANYTHING:
            return True
    return False
