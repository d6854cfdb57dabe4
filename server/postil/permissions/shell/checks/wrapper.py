"""Programs that start other programs."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.lookthrough import STARTERS
from postil.permissions.shell.part import Finding, View
from postil.permissions.shell.touches.table import has_rules_apart

EXAMPLES = Examples(
    ask=("sudo ls", "env ls", "xargs cat", "watch ls", "nohup ls", "setsid ls", "bash -c ls", "timeout -x 5 ls", "busybox ls",
         "find . -exec cat {} +", "find . -exec wc -l {} +", "ls | xargs wc -l", "xargs wc -l < a"),
    auto=("timeout 5 ls", "nice ls", "nice -n 5 ls", "time ls", "stdbuf -oL ls"),
)  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    """Ask about every program that starts others, but for those that are looked through."""
    yield from told(view, "wrapper")
    for index, part, usage in view.direct:
        if part.base in STARTERS and (usage is None or (usage.doubts and part.base != "find")):
            yield Finding("wrapper", "ask", f"{part.base} starts another program", index, by_rule=True)
    yield from _started(view)


def _started(view: View) -> Iterator[Finding]:
    """Yield each program that an option or a script of another makes it start: a rule for the one says nothing of the other."""
    for at, part in enumerate(view.parts):
        owner = view.owners[at]
        if owner is None or len(part.through) != 1 or not part.base:
            continue
        outer, usage = view.parts[owner], view.usages[owner]
        # ssh with options alone starts nothing.
        alone = part.base == "ssh" and len(part.argv) == 1
        known = usage is not None and not usage.doubts and outer.base == "ssh"
        if has_rules_apart(outer.base) and not alone and not known:
            yield Finding(
                "wrapper", "ask", f"{outer.base} starts {part.base}", at, by_rule=True, beneath=owner
            )
