"""Functions and variables that change what later words of the line mean."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("ls() { rm x; }; ls", "PATH=.; ls", "function f { ls; }; f", "IFS=x; ls", "GIT_DIR=x; git log"),
    auto=("x=a; cat $x",),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about the whole line where it defines a function or sets a variable that programs may read."""
    yield from told(view, "shadowing")
