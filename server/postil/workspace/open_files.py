"""The editor's open documents by the files that they are, whatever names the editor has opened them under.

A folder may be opened through a symbolic link, a file through another, and some file systems do not tell `A.py`
from `a.py`: the agent's paths are resolved, the editor's are as the person came to them. A file under two hard
links is two documents: which of them an edit would reach depends on how the editor saves.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from postil.core.ports import Editor, OpenDocument, Replacement


class OpenFiles:
    """An `Editor` over the face's own; the paths of its documents are resolved."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    @property
    def can_save(self) -> bool:
        """Whether the editor offers to save documents."""
        return self._editor.can_save

    def document(self, path: Path) -> OpenDocument | None:
        """Return the document that is open of the file at a resolved path."""
        found = self._named(path)
        return None if found is None else replace(found, path=_resolved(found.path))

    def documents(self) -> Sequence[OpenDocument]:
        """Return all open documents; one that is open under two names, once."""
        found: dict[Path, OpenDocument] = {}
        for document in self._editor.documents():
            path = _resolved(document.path)
            if path not in found or document.path == path:
                found[path] = replace(document, path=path)
        return list(found.values())

    async def replace(self, change: Replacement) -> None:
        """Apply the change under the editor's name of the file."""
        await self._editor.replace(replace(change, path=self._name(change.path)))

    async def save(self, path: Path) -> bool:
        """Save the document under the editor's name of the file."""
        return await self._editor.save(self._name(path))

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
