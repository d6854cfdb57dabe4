"""What the file tools share: lines as people count them, help for a path that is not there, a call that can only fail."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from postil.core.effects import Access, FileChange, Invocation, Result, RunContext, ToolKind
from postil.core.errors import CannotBeNamed, InvalidInput, NotFound, NotText, ToolError
from postil.core.ports import FileView, Problem, Workspace
from postil.core.revealing import one_line, surrogate
from postil.tools.output import counted

T = TypeVar("T")

_SMALL = 20_000
PROBLEMS = 20
"""How many problems of a changed document the model is told, errors first."""
PROBLEM_LENGTH = 200
"""Characters of each."""


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("should hold no NUL character")
    return text


FileText = Annotated[str, AfterValidator(_no_nul)]
"""Text that may stand in a file."""


def lines_of(text: str) -> list[str]:
    """Return the lines without their endings, counted as searches and diffs count them.

    Only a line feed ends a line: not a form feed, not U+2028. A final one starts no further line.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


async def computed(size: int, work: Callable[[], T]) -> T:
    """Do the work here, or in a thread where a text of that many characters would hold the event loop up."""
    return work() if size <= _SMALL else await asyncio.to_thread(work)


async def read_view(workspace: Workspace, path: Path) -> FileView:
    """Read a file; where it is not there, say which names in its folder are close."""
    try:
        return await workspace.read(path)
    except NotFound as fault:
        raise await _with_close_names(workspace, path, fault) from fault


async def read_text(workspace: Workspace, path: Path, tool: str) -> FileView:
    """Read what the disk has of a file that a tool removes or moves; only text can be brought back."""
    try:
        return await workspace.read_saved(path)
    except NotText as fault:
        mend = f"`{tool}` takes text files alone, which can be brought back. Use `shell` for others."
        raise NotText(fault.message, mend) from fault
    except NotFound as fault:
        raise await _with_close_names(workspace, path, fault) from fault


def named_link(workspace: Workspace, path: str, tool: str) -> ToolError | None:
    """Return why a tool that takes a file away does nothing where a symbolic link is named; None where none is.

    The file behind it is what would be taken away, and another name than the one that was said.
    """
    target = workspace.link(path)
    if target is None:
        return None
    message = f"{path} is a symbolic link to {target}; `{tool}` takes files, not links."
    return InvalidInput(message, "Name the file itself if you mean that. Use `shell` for the link.")


def failing(title: str, kind: ToolKind, path: Path, fault: ToolError, named: str) -> Invocation:
    """Return a call that only tells why it cannot be done.

    What the telling reveals of the file is a read, so it waits for the decision that a read gets. `named` is the
    path as the call names it.
    """

    async def run(_: RunContext) -> Result:
        raise fault

    return Invocation(title=title, kind=kind, access=Access(reads=(path,), named=(named,)), run=run)


async def _with_close_names(workspace: Workspace, path: Path, fault: NotFound) -> ToolError:
    names = await _names_beside(workspace, path)
    if any(surrogate.search(name) and surrogate.sub("\ufffd", name) == path.name for name in names):
        return CannotBeNamed(
            "The file's name is not UTF-8, so it cannot be named here.",
            "Use `shell` with a pattern in place of what is shown as \ufffd, or ask the user to rename it.",
        )
    close = [
        workspace.display(path.parent / name) for name in difflib.get_close_matches(path.name, names, n=3)
    ]
    return NotFound(fault.message, f"Close to it: {', '.join(close)}.") if close else fault


async def _names_beside(workspace: Workspace, path: Path) -> Sequence[str]:
    if not any(path.parent.is_relative_to(root) for root in workspace.roots):
        return ()
    try:
        return [entry.name for entry in await workspace.entries(path.parent)]
    except ToolError:
        return ()


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
