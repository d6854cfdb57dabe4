"""File names that a program could take for options."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("sort *", "rg x *", "find * -name x"),
    auto=("wc -l *.py", "cat ./*", "grep x -- *", "head src/*.py"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about each word that is not worked out and matters to what it is given to."""
    yield from told(view, "glob-injection")
