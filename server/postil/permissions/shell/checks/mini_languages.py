"""Programs of sed, awk, jq and find that do more than read."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("sed -n 'w x' a", "sed s/a/b/e a", "awk 'BEGIN{system(1)}'", "jq env a", "find . -delete"),
    auto=("sed -n 1,5p a", "awk '{print $1}' a", "jq .a a.json", "find . -name '*.py'"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about what the reading of the words left in doubt."""
    yield from told(view, "mini-languages")
