"""An index of documents in one SQLite file: put, remove, look up. It can be deleted at any time and made again.

Everything here blocks and belongs to one thread at a time; `recall.py` is for the event loop. Secrets are replaced before
anything is stored. What is removed leaves nothing behind in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from postil.core.errors import PostilError
from postil.core.redaction.redact import redact
from postil.memory.document import Document
from postil.memory.heads import head
from postil.memory.schema import TABLES, open_file, unusable
from postil.memory.terms import searchable

Row = tuple[int, str, str]
"""A chunk's number, its head and its words."""
ROWS = 200
"""Rows that one statement inserts: while it runs other threads do, and older versions of SQLite take no more values."""


class Ready(NamedTuple):
    """A document as it is stored: its secrets replaced, its words cut. Making one needs no index, and most of the time."""

    id: str
    name: str
    mark: str
    chunks: tuple[tuple[str, str, str], ...]
    """The text, the head and the words of each."""


def ready(document: Document) -> Ready:
    """Return the document as it is stored."""
    name = redact(_storable(document.name or document.id)).text
    texts = (redact(_storable(it)).text for it in document.chunks)
    chunks = tuple((it, searchable(head(name, it)), searchable(it)) for it in texts)
    return Ready(document.id, name, document.mark, chunks)


class Index:
    """Documents and the words that they are found by. `new` says that it was empty when it was opened."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises PostilError where that fails."""
        self.path = path
        self.connection, self.new = open_file(path)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, each in the place of the one with its id, all or none. Raises PostilError."""
        self.put_ready([ready(it) for it in documents])

    def put_ready(self, documents: Sequence[Ready]) -> None:
        """Do the same with what is ready."""
        with self._changing():
            for known in self._numbers([it.id for it in documents]):
                self._drop(known)
            self._add({it.id: it for it in documents}.values())

    def append(self, documents: Iterable[Document]) -> None:
        """Add chunks to documents, behind those that they have, all or none; new ids become documents."""
        self.append_ready([ready(it) for it in documents])

    def append_ready(self, documents: Sequence[Ready]) -> None:
        """Do the same with what is ready."""
        with self._changing():
            self._add(documents)

    def remove(self, ids: Iterable[str]) -> int:
        """Remove documents without a trace in the file and return how many there were. Raises PostilError."""
        with self._changing():
            removed = sum(self._drop(it) for it in ids)
        if removed:
            self.tidy()
        return removed

    def tidy(self) -> None:
        """Merge what searches go through, and clear what was removed or replaced out of the file."""
        with self._told():
            for table in TABLES:
                self.connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def marks(self) -> dict[str, str]:
        """Return the id and the mark of every document."""
        with self._told():
            return dict(self.connection.execute("SELECT id, mark FROM documents"))

    def listed(self) -> list[tuple[str, str, str]]:
        """Return the id, the name and the mark of every document, in order of id."""
        with self._told():
            return self.connection.execute("SELECT id, name, mark FROM documents ORDER BY id").fetchall()

    def chunks(self, document: str) -> list[str]:
        """Return the texts of a document as they are stored; none where there is no such document."""
        with self._told():
            found = self.connection.execute(
                "SELECT text FROM chunks JOIN documents ON documents.number = document WHERE id = ? ORDER BY place",
                (document,),
            )
            return [text for (text,) in found]

    def count(self) -> tuple[int, int]:
        """Return how many documents and how many chunks there are."""
        with self._told():
            documents = self.connection.execute("SELECT count(*) FROM documents").fetchone()[0]
            return documents, self.connection.execute("SELECT count(*) FROM chunks").fetchone()[0]

    def check(self) -> None:
        """Read the whole file. Raises IndexUnusable where it does not hold."""
        with self._told():
            found = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            for table in TABLES:
                self.connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")

    def _add(self, documents: Collection[Ready]) -> None:
        """Add what is ready, each behind the chunks that its document has."""
        self._insert(
            "documents (id, name, mark)",
            [(it.id, it.name, it.mark) for it in documents],
            " ON CONFLICT (id) DO UPDATE SET mark = excluded.mark",
        )
        numbers = self._numbers([it.id for it in documents])
        places = self._counts(numbers.values())
        newest = self.connection.execute("SELECT coalesce(max(number), 0) FROM chunks").fetchone()[0]
        stored: list[tuple[int, int, int, str]] = []
        rows: list[Row] = []
        for document in documents:
            number = numbers[document.id]
            for place, (text, named, words) in enumerate(document.chunks, places.get(number, 0)):
                newest += 1
                stored.append((newest, number, place, text))
                rows.append((newest, named, words))
        self._insert("chunks (number, document, place, text)", stored)
        for table in TABLES:
            self._insert(f"{table} (rowid, head, body)", rows)

    def _insert(self, into: str, rows: Sequence[tuple[object, ...]], more: str = "") -> None:
        """Insert rows, many with each statement."""
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            places = ", ".join([f"({', '.join('?' * len(part[0]))})"] * len(part))
            self.connection.execute(f"INSERT INTO {into} VALUES {places}{more}", list(chain(*part)))

    def _numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of those documents that there are."""
        return dict(self._looked_up("SELECT id, number FROM documents WHERE id IN ({})", ids))

    def _counts(self, numbers: Iterable[int]) -> dict[int, int]:
        """Return how many chunks documents have; none of those without any."""
        counted = "SELECT document, count(*) FROM chunks WHERE document IN ({}) GROUP BY document"
        return dict(self._looked_up(counted, list(numbers)))

    def _looked_up(self, query: str, keys: Sequence[object]) -> Iterator[tuple[Any, int]]:
        for start in range(0, len(keys), ROWS):
            part = keys[start : start + ROWS]
            yield from self.connection.execute(query.format(", ".join("?" * len(part))), part)

    def _drop(self, document: str) -> bool:
        found = self.connection.execute(
            "SELECT number, name FROM documents WHERE id = ?", (document,)
        ).fetchone()
        if found is None:
            return False
        number, name = found
        chunks = self.connection.execute(
            "SELECT number, text FROM chunks WHERE document = ?", (number,)
        ).fetchall()
        rows: Sequence[Row] = [(at, searchable(head(name, text)), searchable(text)) for at, text in chunks]
        for table in TABLES:
            self.connection.executemany(
                f"INSERT INTO {table} ({table}, rowid, head, body) VALUES ('delete', ?, ?, ?)", rows
            )
        self.connection.execute("DELETE FROM chunks WHERE document = ?", (number,))
        self.connection.execute("DELETE FROM documents WHERE number = ?", (number,))
        return True

    @contextmanager
    def _changing(self) -> Generator[None]:
        """Make all changes or none."""
        with self._told():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Generator[None]:
        with told(self):
            yield


@contextmanager
def told(index: Index) -> Generator[None]:
    """Turn SQLite's errors into ours: IndexUnusable where the file is spoilt."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise PostilError(f"The index {index.path} cannot be used now: {error}.", "Try again.") from error
    except sqlite3.DatabaseError as error:
        raise unusable(index.path, str(error)) from error


def _storable(text: str) -> str:
    """Return the text as SQLite can keep it: half characters become marks of replacement."""
    return text.encode("utf-8", "replace").decode("utf-8")
