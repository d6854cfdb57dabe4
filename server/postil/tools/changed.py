"""What the model is told of a file that a tool has changed: how much, where, and what the editor reports of it now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postil.core.effects import FileChange, Result
from postil.core.ports import Problem, Workspace
from postil.core.revealing import one_line
from postil.tools.output import counted

PROBLEMS = 20
"""How many problems of a changed document the model is told, errors first."""
PROBLEM_LENGTH = 200
"""Characters of each."""


async def change_result(
    workspace: Workspace, change: FileChange, verb: str, shown: str, more: str = ""
) -> Result:
    """Return what the model is told of a file that was changed, with what the editor reports of it now."""
    words = f"{verb} {shown}: +{change.added} -{change.removed} lines."
    if change.where == "buffer":
        words += " It is open in the editor and not saved yet; `shell` has it saved before it runs a command."
    parts = [words, more.rstrip("\n"), *_problem_lines(await _reported(workspace, change))]
    return Result(
        "\n".join(part for part in parts if part),
        effects=(change,),
        details={"added": change.added, "removed": change.removed, "where": change.where},
    )


async def _reported(workspace: Workspace, change: FileChange) -> Sequence[Problem] | None:
    """Return what the editor reports. Who is stopped while others look at an edit has made it all the same."""
    try:
        return await workspace.problems(change)
    except asyncio.CancelledError:
        return None


def _problem_lines(problems: Sequence[Problem] | None) -> list[str]:
    """Return what the editor reports, as the model reads it; what is not known is not mentioned."""
    if problems is None:
        return []
    if not problems:
        return ["The editor reports no errors and no warnings in it."]
    most = sorted(problems, key=lambda it: (it.severity != "error", it.line))[:PROBLEMS]
    count = counted(len(problems), "problem")
    left_out = f"; {PROBLEMS} of them" if len(problems) > PROBLEMS else ""
    lines = [f"The editor reports {count} in it now{left_out}:"]
    for problem in most:
        source = f" ({problem.source})" if problem.source else ""
        lines.append(
            one_line(f"{problem.severity}, line {problem.line}: {problem.message}{source}", PROBLEM_LENGTH)
        )
    return lines
