"""Options that are not known to leave everything as it is."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("sort -o x a", "ls --outp=x", "rg --pre x y", "date -s x", "tree -o x", "file -C a"),
    auto=("ls -la", "sort -rn a", "grep -rn --include=*.py x src"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about what the reading of the words left in doubt."""
    yield from told(view, "options")
