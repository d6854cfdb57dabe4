"""Expressions of find: which tests and actions only look."""

from __future__ import annotations

from collections.abc import Sequence

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.programs import Program
from postil.permissions.shell.usage import Usage, Use

_ALONE = frozenset({
    "-print", "-print0", "-prune", "-quit", "-ls", "-depth", "-d", "-mount", "-xdev", "-empty", "-true", "-false", "-not", "!", "(", ")", "-a",
    "-and", "-o", "-or", ",", "-daystart", "-noleaf", "-nouser", "-nogroup", "-readable", "-writable", "-executable", "-noignore_readdir_race",
    "-warn", "-nowarn", "-ignore_readdir_race",
})  # fmt: skip
_WITH_TEXT = frozenset({
    "-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-lname", "-ilname", "-type", "-xtype", "-size",
    "-mtime", "-atime", "-ctime", "-mmin", "-amin", "-cmin", "-maxdepth", "-mindepth", "-perm", "-user", "-group", "-uid", "-gid",
    "-links", "-inum", "-used", "-fstype", "-regextype", "-newermt", "-newerat", "-newerct", "-printf",
})  # fmt: skip
_WITH_PATH = frozenset({"-newer", "-anewer", "-cnewer", "-samefile", "-newermm", "-neweraa", "-newercc"})
_STARTS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_BEFORE = frozenset({"-H", "-P"})
"""-L follows links out of the workspace."""


def usage(program: Program, arguments: Sequence[Argument]) -> Usage:
    """Return where find starts and what its expression names; everything that is no plain test is a doubt."""
    found = Usage(program)
    words = list(arguments)
    while words and words[0].known in _BEFORE:
        words.pop(0)
    started = False
    while words and not _is_expression(words[0]):
        argument = words.pop(0)
        started = True
        if argument.text is None or argument.may_be_option:
            found.doubt(
                argument.unknown or "glob-injection", "where it starts could be part of its expression"
            )
        else:
            found.uses.append(Use(argument, "list"))
    if not started:
        found.uses.append(Use(Argument("."), "list"))
    while words:
        _primary(found, words)
    return found


def _is_expression(argument: Argument) -> bool:
    text = argument.text
    return (
        text is not None and not argument.pattern and (text.startswith("-") or text in ("(", ")", "!", ","))
    )


def _primary(found: Usage, words: list[Argument]) -> None:
    name = words.pop(0)
    if name.text is None or name.pattern:
        found.doubt(name.unknown or "glob-injection", "a word of the expression is not known")
    elif name.text in _ALONE:
        return
    elif name.text in _WITH_TEXT | _WITH_PATH:
        if not words:
            found.doubt("mini-languages", f"{name.text} has no value")
            return
        value = words.pop(0)
        if value.text is None and (value.several or not value.free):
            found.doubt(value.unknown or "parameter", f"the value of {name.text} is not known")
        elif value.pattern:
            found.doubt("glob-injection", f"file names take the place of the value of {name.text}")
        elif name.text in _WITH_PATH:
            found.uses.append(Use(value, "list", name.text))
    elif name.text in _STARTS:
        found.doubt("wrapper", f"{name.text} starts a program for each file")
        while words and words.pop(0).known not in (";", "+"):
            pass
    else:
        found.doubt("mini-languages", f"{name.text} may do more than look")
