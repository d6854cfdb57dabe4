"""What find reads and takes away: by itself, or by a program that it starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postil.permissions.shell import programs
from postil.permissions.shell.argument import Argument
from postil.permissions.shell.part import Part
from postil.permissions.shell.touches.table import starting_words, tables
from postil.permissions.shell.touches.touched import Touched

_REMOVING = frozenset({"rm", "shred", "unlink"})
_NARROWING = frozenset({"-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-newer", "-mtime", "-mmin",
    "-atime", "-amin", "-ctime", "-cmin", "-size", "-empty", "-user", "-group", "-perm", "-inum", "-samefile", "-xtype", "-lname", "-prune",
    "-newermt", "-links", "-nouser", "-nogroup"})  # fmt: skip
_ANYTHING = frozenset({"*", "**", "?*", "*?", "./*", ".*", "**/*"})
"""Patterns that leave nothing out, or nothing but what people see."""
_FIND_WRITES = frozenset({"-fprint", "-fprint0", "-fprintf", "-fls"})
_FIND_NARROWS = frozenset({"-path", "-ipath", "-wholename", "-iwholename", "-name", "-iname"})
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


def touched_by_find(part: Part) -> tuple[tuple[Touched, ...], tuple[Touched, ...]]:
    """Return what find writes, with what it removes or hands to what may write it, and what it hands to others to read."""
    words = part.operands
    deletes = any(it.text == "-delete" for it in words)
    written = tuple(Touched(it) for at, it in enumerate(words) if at and words[at - 1].text in _FIND_WRITES)
    met = tuple(_found_by(words, deletes=deletes))
    started = _started_by(words)
    writes = deletes or not all(map(only_reads, started))
    return written + (met if writes else ()), met if started else ()


def _found_by(words: Sequence[Argument], *, deletes: bool) -> Iterator[Touched]:
    """Yield where find looks, and what its expression narrows that to."""
    for argument in words:
        if (argument.text or "-").startswith(("-", "(", "!")) and argument.text not in ("-H", "-L", "-P"):
            break
        yield Touched(argument, whole=True, certain=deletes)
    for at, argument in enumerate(words[:-1]):
        if argument.text in _FIND_NARROWS and not _is_left_out(words, at):
            value = words[at + 1].text or words[at + 1].leading
            yield Touched(Argument(value, pattern=True, leading=value), certain=False)


def _started_by(words: Sequence[Argument]) -> list[str]:
    """Return the programs that find starts, without their folders."""
    starts = starting_words("find")
    return [
        (words[at + 1].text or "").rsplit("/", 1)[-1] for at, it in enumerate(words[:-1]) if it.text in starts
    ]


def only_reads(program: str) -> bool:
    """Whether a program writes none of the files that it is handed."""
    form = programs.tables().get(program)
    if form is None or form.only_with or form.subcommands or form.language == "find":
        return False
    table = tables().get(program)
    return table is None or bool(table.only_with) or (table.operands == "none" and not table.writes)


def _is_left_out(words: Sequence[Argument], at: int) -> bool:
    """Whether what a test of find fits is passed over: it is negated, or find goes no deeper there."""
    before = words[at - 1].text if at else ""
    after = [it.text for it in words[at + 2 :]]
    pruned = after[:1] == ["-prune"] and after[1:2] in (["-o"], ["-or"], [","])
    return before in ("!", "-not") or pruned
