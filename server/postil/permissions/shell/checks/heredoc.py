"""Here-documents whose text is not taken as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("cat <<E\n$(ls)\nE", "cat <<E\n$X\nE", "cat <<E\n`ls`\nE"),
    auto=("cat <<'E'\n$(rm x)\nE", "cat <<E\ntext\nE", "grep x <<-E\n\tx\n\tE"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask where the text would be expanded."""
    for index, part, _ in view.direct:
        if any(it.expanded for it in part.redirections):
            yield Finding("heredoc", "ask", "the text of a here-document is expanded", index)
