"""The editor's open documents by the files that they are, whatever names the editor has opened them under.

A folder may be opened through a symbolic link, a file through another, and some file systems do not tell `A.py`
from `a.py`: the agent's paths are resolved, the editor's are as the person came to them. A file under two hard
links is two documents: which of them an edit would reach depends on how the editor saves.

A document without unsaved text whose file something else has changed, or one of our tools, shows an older text until
the editor reloads it, which some do at once and some when the person looks; one whose file is gone goes on being
shown. Till then the disk is the truth, so it counts as closed: it is read from the disk and edited there, and saved
by nobody. Typing in it ends that, whenever it comes, and undoing the typing brings it back.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.ports import Editor, OpenDocument, Problem, Replacement
from postil.workspace.buffers.standing import Base, Seen, look
from postil.workspace.threads import Threads


class OpenFiles:
    """An `Editor` over the face's own; the paths of its documents are resolved.

    Which documents are behind the disk is as of the last look. Documents are looked at when they are opened and
    saved, and by whoever wants to know.
    """

    def __init__(self, editor: Editor, threads: Threads) -> None:
        self._editor = editor
        self._threads = threads
        self._bases: dict[Path, Base] = {}
        self._behind: dict[Path, str] = {}
        """The texts with which documents are behind the disk."""
        self._met: set[Path] = set()
        self._looking = asyncio.Lock()
        self._looks: set[asyncio.Task[list[Seen]]] = set()
        self._closed = False
        editor.watch(self._shown)

    @property
    def can_save(self) -> bool:
        """Whether the editor offers to save documents."""
        return self._editor.can_save

    def document(self, path: Path) -> OpenDocument | None:
        """Return the document that is open of the file at a resolved path."""
        found = self._named(path)
        if found is None:
            return None
        document = replace(found, path=_resolved(found.path))
        return None if self._is_behind(document) else document

    def documents(self) -> Sequence[OpenDocument]:
        """Return all open documents but those behind the disk; one that is open under two names, once."""
        return [document for document in _by_file(self._editor.documents()) if not self._is_behind(document)]

    async def look(self, paths: Sequence[Path] | None = None) -> list[Seen]:
        """Look at the files of all open documents, or at these; returns how the documents stand, sorted."""
        opened = self._editor.documents()
        if not opened:
            self._forget_all_but(set())
            return []  # without a thread: this is asked before every request to the model
        async with self._looking:
            documents = await self._threads.run(lambda: _by_file(opened))
            self._forget_all_but({it.path for it in documents})
            if paths is not None:
                documents = [it for it in documents if any(_is_same(it.path, path) for path in paths)]
            return await self._look(documents)

    def has_met(self, path: Path) -> bool:
        """Whether the document has been open since this process began; after a restart editors take a while."""
        return path in self._met

    def note_edit(self, path: Path, before: str, after: str) -> None:
        """Remember, before an edit of ours, the hash of the text that it makes of a document."""
        if path in self._bases:
            self._bases[path] = self._bases[path].with_edit(before, after)

    def watch(self, shown: Callable[[Path], None]) -> None:
        """Tell of documents that are opened or saved, under the editor's names."""
        self._editor.watch(shown)

    def changed(self) -> Awaitable[None]:
        """Return what is done at the next change, save or closing of a document."""
        return self._editor.changed()

    async def replace(self, change: Replacement) -> None:
        """Apply the change under the editor's name of the file."""
        await self._editor.replace(replace(change, path=self._name(change.path)))

    async def save(self, path: Path) -> bool:
        """Save the document under the editor's name of the file."""
        return await self._editor.save(self._name(path))

    async def diagnostics(self, path: Path, version: int) -> Sequence[Problem] | None:
        """Return what is wrong with the document under the editor's name of the file."""
        return await self._editor.diagnostics(self._name(path), version)

    def close(self) -> None:
        """Stop looking at what is opened and saved."""
        self._closed = True
        for task in self._looks:
            task.cancel()

    def _shown(self, path: Path) -> None:
        """Look at a document that was opened or saved, with the text that it has now."""
        document = self._editor.document(path)
        if document is not None and not self._closed:
            task = asyncio.get_running_loop().create_task(self._look_once(document))
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)

    async def _look_once(self, document: OpenDocument) -> list[Seen]:
        async with self._looking:
            path = await self._threads.run(lambda: _resolved(document.path))
            return await self._look([replace(document, path=path)])

    async def _look(self, documents: Sequence[OpenDocument]) -> list[Seen]:
        ordered = sorted(documents, key=lambda it: it.path)
        bases = dict(self._bases)
        found = await self._threads.run(lambda: [look(it, bases.get(it.path)) for it in ordered])
        for it in found:
            path = it.document.path
            self._met.add(path)
            if self._bases.get(path) is bases.get(path):  # else an edit of ours was noted meanwhile
                self._bases[path] = it.base
            if it.standing == "behind":
                self._behind[path] = it.document.text
            else:
                self._behind.pop(path, None)
        return found

    def _forget_all_but(self, paths: set[Path]) -> None:
        self._bases = {path: base for path, base in self._bases.items() if path in paths}
        self._behind = {path: text for path, text in self._behind.items() if path in paths}

    def _is_behind(self, document: OpenDocument) -> bool:
        """Whether it still has the text with which it was behind."""
        return self._behind.get(document.path) == document.text

    def _name(self, path: Path) -> Path:
        found = self._named(path)
        return path if found is None else found.path

    def _named(self, path: Path) -> OpenDocument | None:
        exact = self._editor.document(path)
        if exact is not None:
            return exact
        return next((it for it in self._editor.documents() if _is_same(_resolved(it.path), path)), None)


def _by_file(documents: Sequence[OpenDocument]) -> list[OpenDocument]:
    """Return the documents under the resolved paths of their files, each file once. Blocking."""
    found: dict[Path, OpenDocument] = {}
    for document in documents:
        path = _resolved(document.path)
        if path not in found or document.path == path:
            found[path] = replace(document, path=path)
    return list(found.values())


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _is_same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    if str(one).casefold() != str(other).casefold():
        return False
    try:
        return one.samefile(other)
    except OSError:
        return False
