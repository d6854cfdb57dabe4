"""The editor's open documents by the files that they are, whatever names the editor has opened them under.

A folder may be opened through a symbolic link, a file through another, and some file systems do not tell `A.py`
from `a.py`: the agent's paths are resolved, the editor's are as the person came to them. A file under two hard
links is two documents: which of them an edit would reach depends on how the editor saves.

A document without unsaved text whose file a command or one of our tools has changed shows an older text until the
editor reloads it, which some do at once and some when the person looks; one whose file is gone goes on being shown. Till then the disk is the truth, so it counts as closed:
it is read from the disk and edited there, and saved by nobody.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.ports import Editor, OpenDocument, Problem, Replacement


class OpenFiles:
    """An `Editor` over the face's own; the paths of its documents are resolved."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._behind: dict[Path, OpenDocument] = {}

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
        return None if self.is_behind(document) else document

    def documents(self) -> Sequence[OpenDocument]:
        """Return all open documents; one that is open under two names, once."""
        return [document for document in self.every_document() if not self.is_behind(document)]

    def every_document(self) -> Sequence[OpenDocument]:
        """Return all open documents, and those that are behind the disk as well."""
        found: dict[Path, OpenDocument] = {}
        for document in self._editor.documents():
            path = _resolved(document.path)
            if path not in found or document.path == path:
                found[path] = replace(document, path=path)
        return list(found.values())

    def leave_behind(self, documents: Iterable[OpenDocument]) -> None:
        """Count these as closed until each of them changes: the disk has moved on."""
        still = {it.path: it for it in self.every_document() if self.is_behind(it)}
        self._behind = still | {document.path: document for document in documents}

    def note_written(self, path: Path, text: str | None) -> None:
        """Take note of what the disk has now: a document that shows something else counts as closed till it changes."""
        self._behind.pop(path, None)
        shown = next((it for it in self.every_document() if it.path == path), None)
        if shown is not None and shown.text != text:
            self._behind[path] = shown

    def is_behind(self, document: OpenDocument) -> bool:
        """Whether it is as it was when it was left behind; any change, and closing it, ends that."""
        return self._behind.get(document.path) == document

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

    def _name(self, path: Path) -> Path:
        found = self._named(path)
        return path if found is None else found.path

    def _named(self, path: Path) -> OpenDocument | None:
        exact = self._editor.document(path)
        if exact is not None:
            return exact
        return next((it for it in self._editor.documents() if _is_same(_resolved(it.path), path)), None)


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
