"""What the person sees: the editor's open documents over the disk."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from postil.core.effects import FileForm, text_hash
from postil.core.errors import EditRefused, NotText, ToolError
from postil.core.ports import Editor, FileView, OpenDocument, Replacement
from postil.workspace.decode import decode, same_text
from postil.workspace.opening import READ_LIMIT, read_regular, too_large
from postil.workspace.threads import Threads


class NoEditor:
    """The editor of a face that has none: nothing is ever open."""

    can_save = False
    """There is nothing to save."""

    def document(self, path: Path) -> OpenDocument | None:
        """No document is open."""
        return None

    def documents(self) -> Sequence[OpenDocument]:
        """No document is open."""
        return ()

    async def changed(self) -> None:
        """Nothing ever changes."""
        await asyncio.Event().wait()

    async def replace(self, change: Replacement) -> None:
        """Refuse: there is no document to change."""
        raise EditRefused(f"{change.path} is not open in an editor.")

    async def save(self, path: Path) -> bool:
        """There is nothing to save."""
        return False

    async def diagnostics(self, path: Path, version: int) -> None:
        """Nobody looks at anything."""


class _Ours(NamedTuple):
    """What a document may hold that is ours alone."""

    disk: bytes
    """A digest of the disk's bytes before the first edit of ours."""
    texts: frozenset[str]
    """Hashes of what the document held after each edit of ours; any other text has typing in it."""


class Overlay:
    """Reads, from buffers where files are open; and which buffers differ from the disk."""

    def __init__(self, editor: Editor, threads: Threads) -> None:
        self._editor = editor
        self._threads = threads
        self._ours: dict[Path, _Ours] = {}
        """Documents that were clean before an edit of ours."""

    async def read(self, path: Path) -> FileView:
        """Return the text of a resolved path. Raises NotFound, NotText, TooLarge, ToolError."""
        document = self._editor.document(path)
        if document is None:
            return await self._threads.run(lambda: read_view(path))
        return await self._threads.run(lambda: _buffer_view(document))

    async def read_disk(self, path: Path) -> FileView:
        """Return the text that the disk has, whatever is open."""
        return await self._threads.run(lambda: read_view(path))

    async def unsaved(self) -> list[Path]:
        """Return open documents whose text differs from the disk, sorted."""
        return [path for path, _ in await self._dirty()]

    async def own_unsaved(self) -> list[Path]:
        """Return those of `unsaved` that hold typing of the user's own, before or after an edit of ours."""
        return [path for path, own in await self._dirty() if own]

    async def note_edit(self, document: OpenDocument, after: str) -> None:
        """Remember, before an edit of ours, what it will make of a document without typing of the user's own."""
        known = self._ours.get(document.path)
        noted = await self._threads.run(lambda: _noted(document, after, known))
        self._ours.pop(document.path, None)
        if noted is not None:
            self._ours[document.path] = noted

    async def save(self, paths: Sequence[Path]) -> list[Path]:
        """Save documents through the editor; return those of `paths` that are still unsaved."""
        for path in paths:
            if self._editor.document(path) is not None:
                await self._editor.save(path)
        still = set(await self.unsaved())
        return [path for path in paths if path in still]

    async def until_saved(self, paths: Sequence[Path]) -> None:
        """Return when none of these has unsaved text any more, whatever was done about it."""
        while True:
            changed = self._editor.changed()
            if not set(paths) & set(await self.unsaved()):
                return
            await changed

    async def _dirty(self) -> list[tuple[Path, bool]]:
        documents = sorted(self._editor.documents(), key=lambda document: document.path)
        if not documents:
            self._ours.clear()
            return []  # without a thread: this is asked before every request to the model
        ours = dict(self._ours)
        found = await self._threads.run(lambda: [_state(document, ours) for document in documents])
        for document, state in zip(documents, found, strict=True):
            if state is None:
                self._ours.pop(document.path, None)
        open_now = {document.path for document in documents}
        self._ours = {path: known for path, known in self._ours.items() if path in open_now}
        return [
            (document.path, own) for document, own in zip(documents, found, strict=True) if own is not None
        ]


def read_view(path: Path) -> FileView:
    """Return the text that the disk has. Blocking."""
    data, status = read_regular(path)
    try:
        decoded = decode(data)
    except NotText as error:
        raise NotText(f"{path} cannot be read as text. {error.message}") from error
    form = FileForm(
        encoding=decoded.form.encoding, mark=bool(decoded.form.mark), mode=stat.S_IMODE(status.st_mode)
    )
    return FileView(path, decoded.text, text_hash(decoded.text), "disk", form=form)


def _buffer_view(document: OpenDocument) -> FileView:
    if len(document.text) > READ_LIMIT:
        raise too_large(document.path, len(document.text), READ_LIMIT)
    disk = _bytes_or_none(document.path)
    view = FileView(document.path, document.text, text_hash(document.text), "buffer")
    return replace(view, unsaved=disk is None or not same_text(document.text, disk))


def _noted(document: OpenDocument, after: str, known: _Ours | None) -> _Ours | None:
    disk = _bytes_or_none(document.path)
    digest = _digest(disk)
    if disk is None or digest is None:
        return None
    if known is not None and known.disk == digest and text_hash(document.text) in known.texts:
        return _Ours(digest, known.texts | {text_hash(after)})
    # It was saved since our last edit, typed in, or never edited by us: what differs now is the user's.
    return _Ours(digest, frozenset({text_hash(after)})) if same_text(document.text, disk) else None


def _state(document: OpenDocument, ours: dict[Path, _Ours]) -> bool | None:
    """None for a clean document, else whether it holds typing of the user's own."""
    disk = _bytes_or_none(document.path)
    if disk is not None and same_text(document.text, disk):
        return None
    known = ours.get(document.path)
    return known is None or known.disk != _digest(disk) or text_hash(document.text) not in known.texts


def _digest(data: bytes | None) -> bytes | None:
    return None if data is None else hashlib.sha256(data).digest()


def _bytes_or_none(path: Path) -> bytes | None:
    try:
        return read_regular(path)[0]
    except ToolError:
        return None
