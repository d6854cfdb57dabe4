"""The index for the event loop: everything happens in one thread of its own, in short pieces, and a spoilt file is replaced.

A search waits for the piece that is being written, never for all that is to be written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

from postil.core.errors import IndexUnusable
from postil.memory.document import Document, Hit
from postil.memory.index import Index
from postil.memory.ranker import Ranker, WordRanker, search
from postil.memory.schema import drop_aside, put_aside
from postil.workspace.threads import Threads

T = TypeVar("T")
PIECE = 100
"""Documents at most that are written in one go."""
PIECE_CHARACTERS = 400_000
"""Text at most, but for one document that is longer."""


class Recall:
    """What is remembered of one workspace, in a file that is Postil's own. It opens when it is first used."""

    def __init__(self, path: Path, ranker: Callable[[Index], Ranker] = WordRanker) -> None:
        """Take the place of the index file and what makes the ranker."""
        self._path = path
        self._make_ranker = ranker
        self._threads = Threads("memory", 1)
        self._opened: tuple[Index, Ranker] | None = None
        self._lock = Lock()
        self._running: object = None
        """The search that runs now."""

    async def search(self, queries: Sequence[str], most: int) -> list[Hit]:
        """Return the documents that one to four wordings of a question find, best first. Raises PostilError."""
        run = object()
        try:
            return await self._threads.run(
                lambda: self._with_index(lambda _, it: search(it, queries, most), run)
            )
        except asyncio.CancelledError:
            self._interrupt(run)
            raise

    async def put(self, documents: Iterable[Document]) -> None:
        """Add documents, each in the place of the one with its id. Raises PostilError; what was written before stays."""
        for piece in _pieces(documents):
            await self._in_thread(lambda index, _, piece=piece: index.put(piece))

    async def remove(self, ids: Iterable[str]) -> int:
        """Remove documents without a trace and return how many there were. Raises PostilError."""
        gone = list(ids)

        def remove(index: Index, _: Ranker) -> int:
            drop_aside(self._path)
            return index.remove(gone)

        return await self._in_thread(remove)

    async def marks(self) -> dict[str, str]:
        """Return the id and the mark of every document: what the index lacks is to be put, what is too much removed."""
        return await self._in_thread(lambda index, _: index.marks())

    async def listed(self) -> list[tuple[str, str, str]]:
        """Return the id, the name and the mark of every document, in order of id."""
        return await self._in_thread(lambda index, _: index.listed())

    async def clear(self) -> None:
        """Remove the file with all that was ever in it, to be made again."""

        def clear() -> None:
            self._close()
            put_aside(self._path)
            drop_aside(self._path)

        await self._threads.finish(clear)

    async def chunks(self, document: str) -> list[str]:
        """Return the texts of a document; none where there is no such document."""
        return await self._in_thread(lambda index, _: index.chunks(document))

    async def close(self) -> None:
        """Finish what has begun and close the file."""
        await self._threads.finish(self._close)
        self._threads.close()

    async def _in_thread(self, work: Callable[[Index, Ranker], T]) -> T:
        return await self._threads.finish(lambda: self._with_index(work))

    def _with_index(self, work: Callable[[Index, Ranker], T], run: object = None) -> T:
        """Do the work; where the file is spoilt, put it aside and do it with an empty one."""
        self._set_running(run)
        try:
            return work(*self._open())
        except IndexUnusable:
            self._close()
            put_aside(self._path)
            return work(*self._open())
        finally:
            self._set_running(None)

    def _set_running(self, run: object) -> None:
        with self._lock:
            self._running = run

    def _interrupt(self, run: object) -> None:
        """Stop this search if it is the one that runs; nothing else is ever broken off."""
        with self._lock:
            if self._running is run and self._opened is not None:
                self._opened[0].connection.interrupt()

    def _open(self) -> tuple[Index, Ranker]:
        if self._opened is None:
            index = Index(self._path)
            self._opened = (index, self._make_ranker(index))
        return self._opened

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None


def remove_now(path: Path, ids: Iterable[str]) -> None:
    """Take documents out of the index in that file without a trace, for callers that have no event loop. Blocks.

    One that cannot be used goes as a whole: it can be made again. Raises PostilError and OSError.
    """
    drop_aside(path)
    if not path.exists():
        return
    try:
        index = Index(path)
        try:
            index.remove(ids)
        finally:
            index.close()
    except IndexUnusable:
        put_aside(path)
        drop_aside(path)


def _pieces(documents: Iterable[Document]) -> Iterator[list[Document]]:
    piece: list[Document] = []
    size = 0
    for document in documents:
        piece.append(document)
        size += sum(map(len, document.chunks))
        if size >= PIECE_CHARACTERS or len(piece) >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
