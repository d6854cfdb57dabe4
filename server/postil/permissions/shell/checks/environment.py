"""Variables that are set for one program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=(
        "LD_PRELOAD=x ls",
        "PAGER=x git log",
        "A=1 ls",
        "GIT_PAGER='cat;x' git log",
        "LC_ALL=$X ls",
        "HOME=/ ls",
    ),
    auto=("LC_ALL=C sort a", "LANG=C ls", "NO_COLOR=1 ls", "GIT_PAGER=cat git log", "TERM=dumb ls"),
)

_HARMLESS = re.compile(r"LC_[A-Z]+|LANG|LANGUAGE|NO_COLOR|CI|TERM|COLUMNS|LINES|FORCE_COLOR|CLICOLOR|TZ")
_VALUE = re.compile(r"[A-Za-z0-9_.,:@+-]*")
_PAGERS = frozenset({"GIT_PAGER", "PAGER", "MANPAGER"})


def find(view: View) -> Iterator[Finding]:
    """Ask about every variable but a few that only change how something looks."""
    for index, part, _ in view.direct:
        for name, value in part.assignments:
            plain = value.text is not None and not value.pattern and _VALUE.fullmatch(value.text) is not None
            looks = _HARMLESS.fullmatch(name) is not None and plain
            if not looks and not (name in _PAGERS and value.text in ("cat", "")):
                yield Finding("environment", "ask", f"it sets {name} for {part.base or 'the shell'}", index)
