"""Words that are the output of other commands."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=(
        "cat $(ls)",
        "grep -r x `pwd`",
        "git show $(cat x)",
        "wc <(curl x)",
        "wc -l $(cat a)",
        "wc -l $(git ls-files)",
        "$(echo ls)",
        "ls | tee >(cat)",
    ),
    auto=(
        "echo $(date)",
        "diff <(sort a) <(sort b)",
        "git show $(git rev-parse HEAD)",
        "dirname $(pwd)",
        'echo "now: $(git rev-parse HEAD)"',
    ),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about each word that is not worked out and matters to what it is given to."""
    yield from told(view, "substitution")
