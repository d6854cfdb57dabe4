"""The texts of chat documents: in the editor where they are open, else in their files; and the folder that they are in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from pathlib import Path

from postil.core.errors import EditRefused
from postil.lsp.chat.naming import called_by, free_path
from postil.lsp.chat.uris import is_chat
from postil.lsp.face import Face
from postil.lsp.server import PostilServer
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.files.uris import path_to_uri, uri_to_path
from postil.workspace.texts.changes import TextChange, apply_changes

FOLDER = Path(".postil") / "chat"
IGNORE = "# Written by Postil: conversations stay out of version control.\n*\n"

Make = Callable[[str], Sequence[TextChange]]


class Pages:
    """Reads and changes documents, each by one hand at a time."""

    def __init__(self, server: PostilServer) -> None:
        self._server = server
        self._files: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def shown(self, uri: str) -> str | None:
        """Return the text that the editor has; None where the document is not open."""
        document = self._server.open_document(uri)
        return document.source if document is not None else None

    async def text(self, uri: str) -> str | None:
        """Return a document's text; None where there is none, or it cannot be read."""
        shown = self.shown(uri)
        if shown is not None:
            return shown
        path = uri_to_path(uri)
        return await asyncio.to_thread(_read, path) if path is not None else None

    async def offer(self, uri: str, make: Make) -> None:
        """Try, once, to make the changes that `make` wants of the text as it is. Raises EditRefused."""
        if self._server.open_document(uri) is not None:
            await self._server.face.editor.writer.offer(uri, make, "Answer")
            return
        path = uri_to_path(uri)
        if path is not None:
            async with self._files[uri]:
                await asyncio.to_thread(_change, path, make)

    async def called_by(self, uri: str, title: str) -> str:
        """Have a closed document called by a title that it was made before; returns its URI."""
        path = uri_to_path(uri)
        if path is None:
            return uri
        async with self._files[uri]:
            place = await asyncio.to_thread(called_by, path, title)
        return uri if place == path else path_to_uri(place)

    async def quiet(self, uri: str) -> None:
        """Return when nobody types in a document for a moment."""
        if self._server.open_document(uri) is not None:
            await self._server.face.editor.writer.quiet(uri, 0.2, 2.0)


def of_workspace(face: Face, uri: str) -> Path | None:
    """Return the root that a chat document belongs to; None where it is none of this workspace."""
    path = uri_to_path(uri) if is_chat(uri) else None
    return next((it for it in face.roots if path is not None and path.parent == it / FOLDER), None)


def create(root: Path, name: str, text: str, taken: Container[str] = ()) -> Path:
    """Write a new document, below a name that is free, and the file that keeps all of them out of version control.

    Raises EditRefused where the folder is not one of its own: a link would lead out of the workspace.
    """
    folder = root / FOLDER
    if any(it.is_symlink() for it in (folder.parent, folder)):
        raise EditRefused(f"{FOLDER} is a link.", "Put a folder there; chat documents are written to it.")
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        RealDisk().replace(ignore, IGNORE.encode(), PRIVATE_FILE)
    return free_path(folder, name, text, taken)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _change(path: Path, make: Make) -> None:
    text = _read(path)
    changes = make(text) if text is not None and not path.is_symlink() else ()
    if text is not None and changes:
        RealDisk().replace(path, apply_changes(text, changes).encode("utf-8"), PRIVATE_FILE)
