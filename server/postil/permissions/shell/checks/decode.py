"""Words that another parser reads otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=('echo $"x"',),
    auto=('"ls" -l', "l's' \\\\-l", "cat $'a\\\\x2etxt'"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about what the reading of the words left in doubt."""
    yield from told(view, "decode")
