"""Repositories whose own configuration runs programs."""

from __future__ import annotations

from collections.abc import Iterator

from postil.permissions.shell.checks import Examples
from postil.permissions.shell.part import Finding, Part, View
from postil.permissions.shell.surroundings import Surroundings
from postil.permissions.shell.usage import Usage

EXAMPLES = Examples(auto=("git status",))
"""What fires it is not in a line but in a repository: see the tests of the scan."""


def find(view: View) -> Iterator[Finding]:
    """Ask about git where the configuration holds something that cannot be switched off."""
    for index, part, usage in view.direct:
        if part.base == "git" and (problem := _problem(part, usage, view.around)):
            yield Finding("repo-state", "ask", f"git may run a program here: {problem}", index, by_rule=True)


def _problem(part: Part, usage: Usage | None, around: Surroundings) -> str:
    if part.cwds is None:
        return "in which repository it works is not known"
    folders = set(part.cwds)
    moved = (
        [it.argument.text for it in usage.uses if it.option == "C" and it.argument.text]
        if usage is not None
        else []
    )
    for text in moved:
        places = [around.place(text, folder) for folder in part.cwds]
        folders |= {it.physical for it in places if it is not None}
    return next((problem for folder in sorted(folders) if (problem := _of(folder, around))), "")


def _of(folder: str, around: Surroundings) -> str:
    """Return what speaks against a folder: filters are switched off by their names, and only those of the current folder."""
    problem = around.repository(folder)
    if problem or folder == around.cwd:
        return problem
    others = set(around.filters(folder)) - set(around.filters(around.cwd))
    return f"a repository inside defines the filter {min(others)}" if others else ""
