"""Reading files for tools: help for a path that is not there, links that are named, a call that can only fail."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from postil.core.effects import Access, Invocation, Result, RunContext, ToolKind
from postil.core.errors import CannotBeNamed, InvalidInput, NotFound, NotText, ToolError
from postil.core.ports import FileView, Workspace
from postil.core.revealing import surrogate


async def read_view(workspace: Workspace, path: Path, named: str) -> FileView:
    """Read the file that the words name; where it is not there, say which names in its folder are close."""
    try:
        return await workspace.read(path)
    except NotFound as fault:
        target = workspace.link(named)
        if target is not None:
            message = f"{named} is a symbolic link to {target}, which does not exist."
            raise NotFound(message, "`shell` can remove it or make it anew.") from fault
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

    What the telling reveals of the file is a read, so it waits for the decision that a read gets, and its title says
    that nothing else was decided. `named` is the path as the call names it.
    """

    async def run(_: RunContext) -> Result:
        raise fault

    return Invocation(
        title=f"{title} (cannot be done)", kind=kind, access=Access(reads=(path,), named=(named,)), run=run
    )


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
