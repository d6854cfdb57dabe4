"""Files that a rule denies to be edited, and that a command would write."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.harm import written
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(spared=("rm a", "echo x > a"))
"""What fires it is a rule: see the corpus of rules."""


def find(view: View) -> Iterator[Finding]:
    """Deny what would write them: redirections, and programs that are known to write where they are told to."""
    for part in view.parts:
        paths = (path for it in written(part, view.around) if it.certain for path in it.paths)
        for path in paths:
            closed = view.around.closed(path)
            if closed is not None:
                yield Finding(
                    "closed-files", "deny", f"it would write {path}, which is denied by {closed.rule}"
                )
                return
