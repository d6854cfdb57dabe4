"""Arithmetic, which evaluates what variables and subscripts hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=(
        "((x=1))",
        "echo $((a[$(ls)]))",
        "[[ a -eq 1 ]]",
        "[[ -v a[0] ]]",
        "test -v a",
        "for ((;;)); do ls; done",
    ),
    auto=("echo $((1 + 2))", "[[ 1 -eq 2 ]]", "[ 3 -gt 2 ]"),
)

_COMPARES = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
_INTEGER = re.compile(r"[+-]?[0-9]+")


def find(view: View) -> Iterator[Finding]:
    """Ask about anything but integers that are written out."""
    yield from told(view, "arithmetic")
    for index, part, _ in view.direct:
        words = [it.known for it in part.operands]
        if part.name in ("[[", "[", "test") and "-v" in words:
            yield Finding("arithmetic", "ask", "-v evaluates a subscript", index)
        for left, operator, right in zip(words, words[1:], words[2:], strict=False):
            numbers = _INTEGER.fullmatch(left) and _INTEGER.fullmatch(right)
            if part.name == "[[" and operator in _COMPARES and not numbers:
                yield Finding("arithmetic", "ask", f"{operator} in [[ ]] evaluates its words", index)
