"""Control characters, which shells and terminals read in different ways."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(ask=("ls\rx", "ls\0", "ls \x1b[2K", "cat a\x0bb", "ls \x7f"), auto=("ls\t-l", "ls\npwd"))

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\ud800-\udfff]")


def find(view: View) -> Iterator[Finding]:
    """Ask about any control character but tabs and ends of lines, and about what is no text."""
    found = _CONTROL.search(view.line)
    if found is not None:
        yield Finding("raw-bytes", "ask", f"it has the character {found.group()!a} in it")
