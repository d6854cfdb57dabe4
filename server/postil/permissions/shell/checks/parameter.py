"""Variables whose value is not known."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("cat $FILE", "echo ${x:-y}", "echo ${!x}", "ls ${a@P}", "$x", "echo $1"),
    auto=("echo $?", 'echo "$HOME"', 'for f in a b; do cat "$f"; done', "echo $USER"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about each word that is not worked out and matters to what it is given to."""
    yield from told(view, "parameter")
