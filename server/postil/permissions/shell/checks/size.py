"""Lines that are too long, too deep or of too many parts to be judged."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("echo " + "x" * 8200, "( " * 40 + "ls" + ")" * 40, "; ".join(["ls"] * 70)),
    deny=("; ".join(["ls"] * 70) + "; rm -rf /",),
    auto=("; ".join(["ls"] * 40),),
)


def find(view: View) -> Iterator[Finding]:
    """Ask where a limit is passed; what must never run is still looked for in all of it."""
    if view.refused is not None and view.refused.check == "size":
        yield Finding("size", "ask", view.refused.reason)
    for note in view.notes:
        if note.check == "size":
            yield Finding("size", "ask", note.reason)
