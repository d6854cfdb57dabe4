"""Open documents whose files a command has changed, told from the marks that were taken before it ran."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from postil.core.ports import DiskMark, DiskMarks, Overtaken
from postil.workspace.buffers.open_files import OpenFiles
from postil.workspace.buffers.standing import Seen

RELOAD_SECONDS = 2.0
"""How long an editor may take to show what a command wrote, before what it shows is the user's typing."""


def disk_marks(seen: Sequence[Seen]) -> DiskMarks:
    """Return a mark for each open document."""
    return {
        it.document.path: DiskMark(it.disk, unsaved=it.standing not in {"saved", "behind"}) for it in seen
    }


async def overtaken(editor: OpenFiles, marks: DiskMarks) -> Overtaken:
    """Return open documents whose files changed since the marks, unless they show it. Never raises.

    Those without unsaved text count as closed until the editor has reloaded them.
    """
    found = compared(await editor.look(), marks)
    unsaved = {path for path, mark in marks.items() if mark.unsaved}
    with suppress(TimeoutError):
        async with asyncio.timeout(RELOAD_SECONDS):
            # It had no unsaved text and is neither old nor new: typed in, or reloaded halfway through.
            while set(found.dirty) - unsaved:
                changed = editor.changed()
                found = compared(await editor.look(), marks)
                await changed
    return found


def compared(seen: Sequence[Seen], marks: DiskMarks) -> Overtaken:
    """Compare with the marks. A document that shows what the disk has now is in neither list."""
    clean: list[Path] = []
    dirty: list[Path] = []
    for it in sorted(seen, key=lambda it: it.document.path):
        if not _is_touched(it, marks.get(it.document.path)):
            continue
        if it.standing == "behind":
            clean.append(it.document.path)
        elif it.standing in {"crossed", "strange"}:
            dirty.append(it.document.path)
    return Overtaken(tuple(clean), tuple(dirty))


def _is_touched(it: Seen, before: DiskMark | None) -> bool:
    """Whether the file may have changed since; of a document that was opened since, its own base tells."""
    if it.standing == "saved":
        return False
    return it.disk != (it.base.disk if before is None else before.disk) or (
        # It has never shown this file: it was opened with typing in it, or the file was written as it was opened.
        before is None and not it.base.agreed and it.disk != ""
    )
