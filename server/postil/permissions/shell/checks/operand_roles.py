"""Operands that are written to, that set something, or that are too many for a reading form."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("uniq a b", "date 010100002030", "hostname x", "xxd a b"),
    auto=("uniq a", "date +%F", "hostname"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about what the reading of the words left in doubt."""
    yield from told(view, "operand-roles")
