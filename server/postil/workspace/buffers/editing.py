"""Edits made where each file lives: in the buffer where it is open, else on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from postil.core.effects import FileChange, FileEdit, text_hash
from postil.core.errors import EditRefused, StaleDocument, ToolError
from postil.core.ports import OpenDocument, Replacement
from postil.workspace.buffers.open_files import OpenFiles
from postil.workspace.buffers.overlay import Overlay
from postil.workspace.files.closed_files import check_edit, describe, write_edit
from postil.workspace.files.disk import Disk
from postil.workspace.threads import Threads

_REPLACED = "The editor shows replacement characters in {}: it was not opened in its own encoding, and saving it would lose bytes."
_SPLIT_MEND = "Ask the user to save one of them and to close the other."


class Editing:
    """Makes edits, and tells what keeps one from being made. Which files may be edited its caller has checked."""

    def __init__(
        self,
        editor: OpenFiles,
        overlay: Overlay,
        disk: Disk,
        threads: Threads,
        display: Callable[[Path], str],
    ) -> None:
        """`display` gives a path as people read it."""
        self._editor = editor
        self._overlay = overlay
        self._disk = disk
        self._threads = threads
        self._display = display

    async def apply(self, edit: FileEdit, label: str, change_id: str) -> FileChange:
        """Make the edit where the file lives. Raises StaleDocument, EditRefused; nothing is half done."""
        paths = [it for it in (edit.path, edit.moved_from) if it is not None]
        await self._editor.look(paths)
        for path in paths:
            if why := self._split(path):
                raise EditRefused(f"{self._display(path)} {why}", _SPLIT_MEND)
        document = self._editor.document(edit.path)
        if document is None or edit.after is None or _is_on_disk(edit):
            return await self._apply_closed(edit, document, change_id)
        return await self._apply_open(edit, edit.after, document, label, change_id)

    async def obstacle(self, edit: FileEdit) -> str:
        """Return what keeps a file or its folder from being edited so, said of "it"; empty where nothing is seen."""
        document = self._editor.document(edit.path)
        if why := self._split(edit.moved_from or edit.path):
            return f"It {why}"
        if document is not None and not _is_on_disk(edit):
            return _REPLACED.format("it") if await self._overlay.is_replaced(document) else ""
        try:
            await self._threads.run(lambda: check_edit(edit))
        except ToolError as error:
            return error.message
        return ""

    async def _apply_closed(
        self, edit: FileEdit, document: OpenDocument | None, change_id: str
    ) -> FileChange:
        """Make an edit on the disk: of a file that is not open, or one that makes, removes or moves a file."""
        name = self._display(edit.path)
        going = edit.moved_from or (edit.path if edit.after is None or edit.reforms else None)
        if going is not None and going in await self._overlay.unsaved():
            raise EditRefused(
                f"{self._display(going)} is open with unsaved changes.",
                "Ask the user to save or close it first.",
            )
        opens = edit.after is not None and not edit.reforms
        if opens and document is not None and document.text != edit.after:
            # An editor goes on showing a file that is gone; bringing that text back is no surprise there.
            raise StaleDocument(f"{name} is open in the editor already.", "Read it first.")
        return await self._threads.finish(lambda: write_edit(edit, name, self._disk, change_id))

    async def _apply_open(
        self, edit: FileEdit, after: str, document: OpenDocument, label: str, change_id: str
    ) -> FileChange:
        name = self._display(edit.path)
        follows = edit.follows_typing and edit.in_editor
        # Of one that follows typing, the record has what it does by itself: what was typed meanwhile counts as typed after it.
        before = edit.before_text if follows and edit.before_text is not None else document.text
        hashes = await self._threads.run(lambda: (text_hash(before), text_hash(after)))
        if hashes[0] != edit.before:
            raise StaleDocument(f"{name} has changed since it was read.", "Read it again and redo the edit.")
        if await self._overlay.is_replaced(document):
            raise EditRefused(
                _REPLACED.format(name), "Ask the user to reopen it with its encoding, or to close it."
            )
        self._editor.note_edit(document.path, *hashes)
        await self._editor.replace(Replacement(edit.path, before, after, label, change_id, follows))
        return await self._threads.run(lambda: describe(edit.path, name, before, after, "buffer"))

    def _split(self, path: Path) -> str:
        """Return what is said of a file that is open under several names with unsaved texts that differ; else nothing."""
        names = " and ".join(self._display(it) for it in self._editor.split(path))
        return f"is open under several names, with unsaved text that differs: {names}." if names else ""


def _is_on_disk(edit: FileEdit) -> bool:
    """Whether it is made on the disk although the file is open: it makes, removes or moves one, or makes it anew."""
    return edit.before is None or edit.after is None or edit.moved_from is not None or edit.reforms
