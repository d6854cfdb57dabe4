"""Blanks that are none, marks that are not seen, and letters that look like others."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("ls\u00a0-l", "l\u200bs", "cat \u202egnp.exe", "\u0441at a", "ls \u2013l", "cat \ufeffa"),
    auto=("cat caf\u00e9.txt", "grep \u65e5\u672c README.md", "echo '\u2026'"),
)

_HIDDEN = frozenset({"Cf", "Zs", "Zl", "Zp", "Co", "Cn"})


def find(view: View) -> Iterator[Finding]:
    """Ask about what a person would not see, and about letters other than ASCII in names of programs and options."""
    for char in view.line if not view.line.isascii() else "":
        if not char.isascii() and (
            unicodedata.category(char) in _HIDDEN or char in "\u115f\u1160\u3164\uffa0"
        ):
            yield Finding("unicode", "ask", f"it has a character in it that is not seen: U+{ord(char):04X}")
            return
    for index, part, _ in view.direct:
        for position, argument in enumerate(part.argv):
            text = argument.text or argument.leading
            name = position == 0 or _is_dash(text[:1])
            if name and not text.split("=", 1)[0].isascii():
                yield Finding("unicode", "ask", f"{text!r} is not what it looks like", index)


def _is_dash(char: str) -> bool:
    """Whether the character is a dash, or looks like one."""
    return char != "" and (
        unicodedata.category(char) == "Pd" or unicodedata.normalize("NFKC", char) == "-" or char == "\u2212"
    )
