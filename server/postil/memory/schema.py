"""The tables of an index file, and opening one: what cannot be used is neither mended nor believed."""

from __future__ import annotations

import os
import sqlite3
import unicodedata
from contextlib import suppress
from pathlib import Path

from postil.core.errors import IndexUnusable, PostilError
from postil.memory import terms

APPLICATION = 0x504F5354
"""Says in the file's header that it is one of ours: `POST`."""
FORMAT = 1
"""Of the tables; with the words' version it says whether this code may use a file."""
TABLES = ("prose", "code")
HEAD_WEIGHT = 4.0
"""How much more a word in the head of a chunk counts than one in its text."""
ASIDE = ".damaged"
"""What the name of a file ends with that was put aside; there is at most one."""

_TOKENS = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' tokenchars '_'"
_TOKENIZERS = {"prose": f"porter {_TOKENS}", "code": _TOKENS}
_BUSY_SECONDS = 5.0
_PRAGMAS = (
    "secure_delete = ON",
    "synchronous = NORMAL",
    "temp_store = MEMORY",
    "cache_size = -65536",
    "mmap_size = 1073741824",
)


def open_file(path: Path) -> tuple[sqlite3.Connection, bool]:
    """Open or make an index file; return it and whether it is new.

    Blocks. Raises IndexUnusable where what is there is no index that this version can use, PostilError where it cannot be opened.
    """
    _need_full_text()
    try:
        # The index is used by one thread at a time, which need not always be the same one.
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
        )
    except sqlite3.Error as error:
        raise _cannot(path, error) from error
    try:
        return connection, _prepared(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        raise _cannot(path, error) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise unusable(path, str(error)) from error
    except BaseException:
        connection.close()
        raise


def unusable(path: Path, why: str) -> IndexUnusable:
    """Return the error that says why the file cannot be used."""
    return IndexUnusable(
        f"{path} is no index that can be used: {why}. It was left as it is.",
        "Delete it, or name another file, and index again: an index holds nothing that cannot be made again.",
    )


def put_aside(path: Path) -> None:
    """Give a file of ours that cannot be used another name, so that a new one can take its place."""
    with suppress(FileNotFoundError):
        os.replace(path, path.with_name(path.name + ASIDE))  # noqa: PTH105 (atomic, and over an older one)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def drop_aside(path: Path) -> None:
    """Remove what was put aside: what is to be forgotten may be in it."""
    path.with_name(path.name + ASIDE).unlink(missing_ok=True)


def _prepared(connection: sqlite3.Connection, path: Path) -> bool:
    """Make the tables where there are none, and return whether that was so. Raises IndexUnusable."""
    new = connection.execute("PRAGMA schema_version").fetchone()[0] == 0
    if new:
        os.chmod(path, 0o600)  # noqa: PTH101 (what it holds is as private as the sessions)
        _create(connection)
    elif connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise unusable(path, "another program made it")
    elif connection.execute("SELECT value FROM facts WHERE name = 'made by'").fetchone() != (_maker(),):
        raise unusable(path, "another version of Postil or of Python made it")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return new


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, mark TEXT NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS chunks (number INTEGER PRIMARY KEY, document INTEGER NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL)"
    )
    connection.execute("CREATE INDEX IF NOT EXISTS chunks_of ON chunks (document, place, number)")
    for table in TABLES:
        # The words are kept, not the texts, which `chunks` has: removing a row hands them in again.
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5"
            f"(head, body, content = '', tokenize = \"{_TOKENIZERS[table]}\")"
        )
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('rank', 'bm25({HEAD_WEIGHT}, 1.0)')")
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', 16777216)")
    connection.execute("INSERT OR REPLACE INTO facts VALUES ('made by', ?)", (_maker(),))
    connection.execute("COMMIT")


def _maker() -> str:
    """Return what the words of a file depend on: rows made otherwise could not be removed any more."""
    return f"tables {FORMAT}, words {terms.VERSION}, Unicode {unicodedata.unidata_version}"


def _need_full_text() -> None:
    with sqlite3.connect(":memory:") as probe:
        found = probe.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]
    probe.close()
    if not found:
        raise PostilError(
            "This Python's SQLite has no full-text search.", "Use a Python whose sqlite3 has FTS5: most do."
        )


def _cannot(path: Path, error: sqlite3.Error) -> PostilError:
    return PostilError(
        f"The index {path} cannot be opened: {error}.",
        "Look at the folder's permissions and the room on the disk.",
    )
