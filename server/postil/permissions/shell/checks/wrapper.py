"""Programs that start other programs."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.telling import told

EXAMPLES = Examples(
    ask=("sudo ls", "env ls", "xargs cat", "watch ls", "nohup ls", "setsid ls", "bash -c ls", "timeout -x 5 ls", "busybox ls",
         "find . -exec cat {} +", "find . -exec wc -l {} +", "ls | xargs wc -l", "xargs wc -l < a"),
    auto=("timeout 5 ls", "nice ls", "nice -n 5 ls", "time ls", "stdbuf -oL ls"),
)  # fmt: skip

_BY_OPTION = frozenset(
    {
        "find",
        "fd",
        "fdfind",
        "sed",
        "gsed",
        "awk",
        "gawk",
        "mawk",
        "nawk",
        "ssh",
        "tar",
        "rsync",
        "scp",
        "sort",
    }
)
"""Programs that start others only where an option or their script says so."""


def find(view: View) -> Iterator[Finding]:
    """Ask about every program that starts others, but for those that are looked through."""
    yield from told(view, "wrapper")
    for index, part, usage in view.direct:
        if part.base in STARTERS and (usage is None or (usage.doubts and part.base != "find")):
            yield Finding("wrapper", "ask", f"{part.base} starts another program", index, by_rule=True)
        # ssh with options alone starts nothing.
        if part.base in _BY_OPTION and (usage is None or usage.doubts or part.base != "ssh"):
            yield from _started(view, index, part)


def _started(view: View, index: int, outer: Part) -> Iterator[Finding]:
    """Yield each program that an option or a script of another makes it start: a rule for the one says nothing of the other."""
    for at, part in enumerate(view.parts):
        if part.through != (outer.base,) or not part.base or (part.base == "ssh" and len(part.argv) == 1):
            continue
        yield Finding("wrapper", "ask", f"{outer.base} starts {part.base}", at, by_rule=True, beneath=index)
