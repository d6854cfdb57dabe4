"""An editor made of texts, and edits in a word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from postil.core.effects import FileEdit, text_hash
from postil.core.errors import StaleDocument
from postil.core.ports import OpenDocument, Problem, Replacement, SymbolPlace, SymbolQuery


class Buffers:
    """An editor that takes every replacement whose text is right."""

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}
        self.replacements: list[Replacement] = []
        self.problems: dict[Path, list[Problem]] = {}
        """What is found in documents, whatever their versions."""
        self.can_save = True
        self.tells_open = True
        self.saves = True
        self._changed: asyncio.Future[None] | None = None
        self._waited_for = asyncio.Event()
        self._watching: list[Callable[[OpenDocument], None]] = []

    def show(self, path: Path, text: str) -> None:
        """Give an open document this text, as by typing or by reloading it, and tell of it."""
        self.texts[path] = text
        self.tell()

    def watch(self, shown: Callable[[OpenDocument], None]) -> None:
        self._watching.append(shown)

    def open(self, path: Path, text: str) -> None:
        """Open a document with this text, and tell of it."""
        self.show(path, text)
        for shown in self._watching:
            shown(OpenDocument(path, text, 1))

    def tell(self) -> None:
        """Tell that something has changed."""
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def changed(self) -> asyncio.Future[None]:
        self._changed = asyncio.get_running_loop().create_future()
        self._waited_for.set()
        return self._changed

    async def is_waited_for(self) -> None:
        """Return when somebody has asked to be told of the next change."""
        await self._waited_for.wait()

    async def learn(self, paths: Sequence[Path] | None) -> None:
        """It has told of everything."""

    def document(self, path: Path) -> OpenDocument | None:
        return OpenDocument(path, self.texts[path], 1) if path in self.texts else None

    def documents(self) -> Sequence[OpenDocument]:
        return [OpenDocument(path, text, 1) for path, text in self.texts.items()]

    async def replace(self, change: Replacement) -> None:
        if self.texts[change.path] != change.before:
            raise StaleDocument("moved on")
        self.replacements.append(change)
        self.texts[change.path] = change.after

    async def save(self, path: Path) -> bool:
        if self.saves:
            await asyncio.to_thread(path.write_text, self.texts[path], newline="")
        return self.saves

    async def diagnostics(self, path: Path, version: int) -> Sequence[Problem] | None:
        return self.problems.get(path)

    async def symbols(self, query: SymbolQuery) -> Sequence[SymbolPlace] | None:
        return None


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def edit(path: Path, before: str | None, after: str | None) -> FileEdit:
    return FileEdit(path, text_hash(before) if before is not None else None, after)
