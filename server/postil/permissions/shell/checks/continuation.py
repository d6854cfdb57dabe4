"""Lines that are continued inside a word or behind a comment."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("git log --outp\\\nut=x", "ls # x\\\nrm -r a", "ls\\\n-l", 'cat "a\\\nb"'),
    auto=("ls \\\n  -l", "ls |\nhead"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about a backslash at the end of a line, unless blanks stand before it."""
    if view.refused is not None and view.refused.check == "continuation":
        yield Finding("continuation", "ask", view.refused.reason)
