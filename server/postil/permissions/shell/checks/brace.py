"""Brace lists that are not plain enough to be written out."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, View

EXAMPLES = Examples(
    ask=("echo {a,{b,c}}", "cat {'a',b}", "ls {1..1000}"),
    auto=("cat {a,b}.txt", "echo {1..3}", "git show HEAD@{1}"),
)


def find(view: View) -> Iterator[Finding]:
    """Ask where a word has braces that could be several words."""
    for index, part, _ in view.direct:
        words = [*part.argv, *(it.target for it in part.redirections if it.target is not None)]
        if any(it.unknown == "brace" for it in words):
            yield Finding("brace", "ask", "it has braces that are not written out", index)
