"""Repositories whose own configuration runs programs."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(auto=("git status",))
"""What fires it is not in a line but in a repository: see the tests of the scan."""


def find(view: View) -> Iterator[Finding]:
    """Ask about git where the configuration holds something that cannot be switched off."""
    for index, part, _ in view.direct():
        if part.base == "git" and not view.around.git_is_clean:
            yield Finding("repo-state", "ask", "the repository's configuration may run a program", index)
