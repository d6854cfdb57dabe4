"""Programs that start other programs."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Finding, View
from postil.permissions.shell.telling import told

EXAMPLES = Examples(
    ask=("sudo ls", "env ls", "xargs cat", "watch ls", "nohup ls", "setsid ls", "bash -c ls", "timeout -x 5 ls", "busybox ls",
         "find . -exec cat {} +"),
    auto=("timeout 5 ls", "nice ls", "nice -n 5 ls", "time ls", "stdbuf -oL ls"),
)  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    """Ask about every program that starts others, but for those that are looked through."""
    yield from told(view, "wrapper")
    for index, part, usage in view.direct():
        if part.base in STARTERS and (usage is None or (usage.doubts and part.base != "find")):
            yield Finding("wrapper", "ask", f"{part.base} starts another program", index, by_rule=True)
