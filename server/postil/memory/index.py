"""An index of documents in one SQLite file: put, remove, look up. It can be deleted at any time and made again.

Everything here blocks and belongs to one thread at a time; `recall.py` is for the event loop. Secrets are replaced before
anything is stored. What is removed leaves nothing behind in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from postil.core.errors import PostilError
from postil.core.redaction.redact import redact
from postil.memory.document import Document
from postil.memory.heads import head
from postil.memory.schema import TABLES, open_file, unusable
from postil.memory.terms import searchable

Row = tuple[int, str, str]
"""A chunk's number, its head and its words."""


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
        with self._changing():
            for document in documents:
                self._drop(document.id)
                self._add(document, 0)

    def append(self, documents: Iterable[Document]) -> None:
        """Add chunks to documents, behind those that they have, all or none; new ids become documents."""
        with self._changing():
            for document in documents:
                self._add(document, self._count(document.id))

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

    def _count(self, document: str) -> int:
        return self.connection.execute(
            "SELECT count(*) FROM chunks WHERE document = (SELECT number FROM documents WHERE id = ?)",
            (document,),
        ).fetchone()[0]

    def _add(self, document: Document, place: int) -> None:
        name = redact(_storable(document.name or document.id)).text
        number = self.connection.execute(
            "INSERT INTO documents (id, name, mark) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET mark = excluded.mark RETURNING number",
            (document.id, name, document.mark),
        ).fetchone()[0]
        rows: list[Row] = []
        for at, chunk in enumerate(document.chunks, place):
            text = redact(_storable(chunk)).text
            added = self.connection.execute(
                "INSERT INTO chunks (document, place, text) VALUES (?, ?, ?)", (number, at, text)
            )
            rows.append((added.lastrowid or 0, searchable(head(name, text)), searchable(text)))
        for table in TABLES:
            self.connection.executemany(f"INSERT INTO {table} (rowid, head, body) VALUES (?, ?, ?)", rows)

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
