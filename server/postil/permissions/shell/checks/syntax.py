"""What is not recognised, not complete, or read differently by another parser."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("ls |", "ls 'a", "if true; then ls", "ls )", "echo $(ls", "ls &&", "$((ls) | (ls))"), auto=("ls",)
)

_OTHERS = frozenset({"size", "continuation"})


def find(view: View) -> Iterator[Finding]:
    """Ask about a line that the parser refuses."""
    if view.refused is not None and view.refused.check not in _OTHERS:
        yield Finding(view.refused.check, "ask", view.refused.reason)
    if view.script is not None and not view.parts:
        yield Finding("syntax", "ask", "there is nothing in it to run")
