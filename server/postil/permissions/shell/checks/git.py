"""Forms of git that change something, run something, or reach further than the workspace."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=(
        "git push",
        "git -c core.pager=x log",
        "git log --output=x",
        "git branch x",
        "git config user.name x",
        "git diff --no-index /etc/passwd a",
    ),
    auto=(
        "git status",
        "git log --oneline -5",
        "git diff HEAD~1",
        "git branch -a",
        "git --no-pager show HEAD:a",
    ),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about what the reading of the words left in doubt."""
    yield from told(view, "git")
