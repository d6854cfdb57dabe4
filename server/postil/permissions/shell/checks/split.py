"""Commands that another parser finds and ours does not, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.doubts import told
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("cat <<'E'; ls\nx\nE",),
    auto=(
        "ls; pwd",
        "ls && pwd || echo no",
        "(ls)",
        "{ ls; }",
        "if true; then ls; fi",
        "! ls",
        "for f in a b; do ls; done",
        "case x in a) ls;; esac",
    ),
)


def find(view: View) -> Iterator[Finding]:
    """Ask about what the reading of the words left in doubt."""
    yield from told(view, "split")
