"""What the person sees: the editor's open documents over the disk."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from postil.core.effects import FileForm, text_hash
from postil.core.errors import EditRefused, NotText, ToolError
from postil.core.ports import FileView, OpenDocument, Replacement, SymbolQuery, Views
from postil.workspace.buffers.open_files import OpenFiles, is_same
from postil.workspace.buffers.standing import UNSAVED, Seen, Standing
from postil.workspace.files.opening import READ_LIMIT, read_regular, too_large
from postil.workspace.texts.decode import decode, is_replaced
from postil.workspace.threads import Threads

T = TypeVar("T")


class NoEditor:
    """The editor of a face that has none: nothing is ever open."""

    can_save = False
    """There is nothing to save."""
    tells_open = True
    """That there is none."""

    async def learn(self, paths: Sequence[Path] | None) -> None:
        """There is nothing to find out."""

    def document(self, path: Path) -> OpenDocument | None:
        """No document is open."""
        return None

    def documents(self) -> Sequence[OpenDocument]:
        """No document is open."""
        return ()

    async def changed(self) -> None:
        """Nothing ever changes."""
        await asyncio.Event().wait()

    def watch(self, shown: Callable[[OpenDocument], None]) -> None:
        """Nothing is ever opened or saved."""

    async def replace(self, change: Replacement) -> None:
        """Refuse: there is no document to change."""
        raise EditRefused(f"{change.path} is not open in an editor.")

    async def save(self, path: Path) -> bool:
        """There is nothing to save."""
        return False

    async def diagnostics(self, path: Path, version: int) -> None:
        """Nobody looks at anything."""

    async def symbols(self, query: SymbolQuery) -> None:
        """Nobody knows of anything."""


class Overlay:
    """Reads, from buffers where files are open; and which buffers differ from the disk."""

    def __init__(self, editor: OpenFiles, threads: Threads) -> None:
        self._editor = editor
        self._threads = threads

    async def read(self, path: Path) -> FileView:
        """Return the text of a resolved path. Raises NotFound, NotText, TooLarge, ToolError."""
        seen = next(iter(await self._editor.look([path])), None)
        return await self._threads.run(lambda: _view(path, seen))

    async def read_each(
        self, paths: Sequence[Path], judge: Callable[[Path], object], work: Callable[[Views], T]
    ) -> T:
        """Return what `work` makes of the texts of resolved paths, or of what `judge` or reading raises for them."""
        seen = await self._editor.look(paths)
        return await self._threads.run(
            lambda: work({path: _view_or_error(path, seen, judge) for path in paths})
        )

    async def read_disk(self, path: Path) -> FileView:
        """Return the text that the disk has, whatever is open."""
        return await self._threads.run(lambda: read_view(path))

    async def unsaved(self) -> list[Path]:
        """Return open documents whose text differs from the disk, sorted."""
        return sorted(await self._standing(*UNSAVED))

    async def own_unsaved(self) -> list[Path]:
        """Return those of `unsaved` that hold typing of the user's own, or whose files have changed beneath them."""
        return sorted(await self._standing("typed", "crossed", "strange"))

    async def crossed(self) -> Mapping[Path, bool]:
        """Return those of `unsaved` whose files something else may have written since, and whether it is known to."""
        return {path: how == "crossed" for path, how in (await self._standing("crossed", "strange")).items()}

    async def save(self, paths: Sequence[Path]) -> list[Path]:
        """Save documents through the editor; return those of `paths` that are still unsaved."""
        await self._editor.look(paths)
        for path in paths:
            document = self._editor.document(path)
            if document is None or self._editor.split(document.path):
                continue  # Saving one text of two would overwrite the other.
            if not await self.is_replaced(document):
                await self._editor.save(path)
        still = set(await self.unsaved())
        return [path for path in paths if path in still]

    async def is_replaced(self, document: OpenDocument) -> bool:
        """Whether the editor shows replacement characters for bytes of the file, which saving would lose."""
        return "\ufffd" in document.text and await self._threads.run(lambda: _is_replaced(document))

    async def until_saved(self, paths: Sequence[Path]) -> None:
        """Return when none of these has unsaved text any more, whatever was done about it.

        Of a document that was not open yet nothing is known: it is waited for.
        """
        while True:
            changed = self._editor.changed()
            unsaved = set(await self.unsaved())
            if all(self._editor.has_met(path) and path not in unsaved for path in paths):
                return
            await changed

    async def _standing(self, *wanted: Standing) -> dict[Path, Standing]:
        found: dict[Path, Standing] = {
            it.document.path: it.standing for it in await self._editor.look() if it.standing in wanted
        }
        # Of a file that is split each name is told: nobody can say which text is its own.
        return {name: how for path, how in found.items() for name in (path, *self._editor.split(path))}


def _is_replaced(document: OpenDocument) -> bool:
    try:
        data, _ = read_regular(document.path)
    except ToolError:
        return False  # It has no bytes that could be lost.
    return is_replaced(document.text, data)


def _view(path: Path, seen: Seen | None) -> FileView:
    return read_view(path) if seen is None or seen.standing == "behind" else _buffer_view(seen)


def _view_or_error(
    path: Path, opened: Sequence[Seen], judge: Callable[[Path], object]
) -> FileView | ToolError:
    try:
        judge(path)
        return _view(path, next((it for it in opened if is_same(it.document.path, path)), None))
    except ToolError as error:
        return error


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


def _buffer_view(seen: Seen) -> FileView:
    document = seen.document
    if len(document.text) > READ_LIMIT:
        raise too_large(document.path, len(document.text), READ_LIMIT)
    unsaved = seen.standing != "saved"
    return FileView(document.path, document.text, text_hash(document.text), "buffer", unsaved=unsaved)
