"""Whether an edit was made, told from what the file and its buffer hold now: for edits that nobody lived to report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from postil.core.changes import EditIntent, Landing
from postil.core.errors import NotFound, ToolError
from postil.core.ports import FileView
from postil.workspace.buffers.overlay import Overlay
from postil.workspace.threads import Threads


async def landing(edit: EditIntent, overlay: Overlay, threads: Threads) -> Landing:
    """Say whether the file is as it was before the edit, or as the edit leaves it. Never raises ToolError."""
    path = Path(edit.path)
    try:
        if edit.reforms:
            return _reformed(edit, await overlay.read_disk(path))
        if edit.moved_from is not None:
            return await _moved(edit, Path(edit.moved_from), overlay, threads)
        # An editor goes on showing a file that is gone.
        read = overlay.read if edit.after is not None else overlay.read_disk
        now = await _hash(path, read)
        shown = edit.in_editor and (await overlay.read(path)).where == "buffer"
    except ToolError:
        return "neither"
    if edit.in_editor and not shown and now == edit.before:
        return "hidden"
    return "after" if now == edit.after else "before" if now == edit.before else "neither"


def _reformed(edit: EditIntent, now: FileView) -> Literal["before", "after", "neither"]:
    if (now.hash, now.form) == (edit.after, edit.form):
        return "after"
    return "before" if now.hash == edit.before else "neither"


async def _moved(
    edit: EditIntent, source: Path, overlay: Overlay, threads: Threads
) -> Literal["before", "after", "neither"]:
    target = Path(edit.path)
    new = await _hash(target, overlay.read_disk)
    old = await _hash(source, overlay.read_disk)
    if old not in (None, edit.before) and new is None:
        # What was to be saved first may still be in the buffer alone.
        old = await _hash(source, overlay.read)
    if (old, new) == (None, edit.after):
        return "after"
    # Both names lead to one file in the middle of some renames.
    one = await threads.run(lambda: _is_one(source, target))
    return "before" if old == edit.before and not one else "neither"


async def _hash(path: Path, read: Callable[[Path], Awaitable[FileView]]) -> str | None:
    """Return the hash of the text; None where there is no file. Raises ToolError where it cannot be read."""
    try:
        return (await read(path)).hash
    except NotFound:
        return None


def _is_one(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target)
    except OSError:
        return False
