"""Conditions: `test`, `[` and `[[`."""

from __future__ import annotations

from collections.abc import Sequence

from postil.permissions.shell.argument import Argument
from postil.permissions.shell.programs import Program
from postil.permissions.shell.usage import Usage, Use

_FILES = frozenset(
    {
        "-a",
        "-b",
        "-c",
        "-d",
        "-e",
        "-f",
        "-g",
        "-h",
        "-k",
        "-L",
        "-N",
        "-O",
        "-p",
        "-r",
        "-s",
        "-S",
        "-u",
        "-w",
        "-x",
        "-G",
    }
)
_TEXTS = frozenset({"-n", "-z"})
_BETWEEN = frozenset(
    {"=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"}
)
_OTHERS = frozenset({"!", "(", ")", "-a", "-o", "-t"})


def usage(program: Program, arguments: Sequence[Argument], name: str) -> Usage:
    """Return what a condition looks at: paths after an operator for files, and everything else as text."""
    found = Usage(program)
    words = list(arguments)
    if name == "[" and (not words or words.pop().text != "]"):
        found.doubt("operand-roles", "[ is not closed")
    previous = ""
    for index, argument in enumerate(words):
        text = argument.text
        following = words[index + 1].text if index + 1 < len(words) else None
        files = following in ("-nt", "-ot", "-ef") or previous in ("-nt", "-ot", "-ef")
        if files or (previous in _FILES and not (previous == "-a" and index > 1)):
            if text is None:
                found.doubt(argument.unknown or "parameter", "which file it looks at is not known")
            else:
                found.uses.append(Use(argument, "list"))
        elif text is None and not argument.free and (argument.several or name != "[["):
            # An unknown word may be an operator, or several of them.
            known_place = previous in _TEXTS | _BETWEEN and not argument.several
            if not known_place and not (index == 0 and following in _BETWEEN and not argument.several):
                found.doubt(argument.unknown or "parameter", "a word of the condition is not known")
        elif text is not None and text.startswith("-") and text not in _FILES | _TEXTS | _BETWEEN | _OTHERS:
            if not _is_number(text) and previous not in _TEXTS | _BETWEEN:
                found.doubt("options", f"{text} is not an operator that only looks")
        elif argument.pattern and name != "[[":
            found.doubt("glob-injection", "file names take the place of a word of the condition")
        previous = text or ""
    return found


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()
