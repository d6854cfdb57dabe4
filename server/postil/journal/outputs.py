"""What running calls have printed so far, so that it is still known after a crash; each has a file until it ends.

Nothing here is synced: the page cache outlives a killed process, and no promise hangs on it. An error of the disk
loses the output that is kept here and nothing else, so nobody is told.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from postil.workspace.files.disk import PRIVATE_FILE

KEPT = 8_000
"""Characters that are handed back: the end, where programs say how they fare."""
_ROOM = 4 * KEPT
"""Bytes after which a file is set aside and another begun; the one set aside before it goes."""


_PREFIX = "output-"


class Outputs:
    """The files of one session. All methods block, but for microseconds; none raises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begun: set[Path] = set()

    def add(self, turn_id: str, call_id: str, text: str) -> None:
        """Keep the next piece."""
        path = self._path(turn_id, call_id)
        with suppress(OSError):
            if path not in self._begun:
                self.drop(turn_id, call_id)  # An id may come again, and a process may have died before this.
            self._begun.add(path)
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
            with os.fdopen(fd, "ab") as file:
                file.write(text.encode("utf-8", "replace"))
                size = file.tell()
            if size > _ROOM:
                path.replace(_aside(path))

    def text(self, turn_id: str, call_id: str) -> str:
        """Return the end of what is kept, from whichever process; empty where there is nothing."""
        path = self._path(turn_id, call_id)
        return (_read(_aside(path)) + _read(path)).decode("utf-8", "replace")[-KEPT:]

    def drop(self, turn_id: str, call_id: str) -> None:
        """Remove what is kept: the call has ended, and its end says what it printed."""
        path = self._path(turn_id, call_id)
        self._begun.discard(path)
        for name in (path, _aside(path)):
            with suppress(OSError):
                name.unlink()

    def drop_others(self, calls: Iterable[tuple[str, str]]) -> None:
        """Remove what is of none of these calls: a process may have died before it could drop it."""
        kept = {name for call in calls for path in [self._path(*call)] for name in (path, _aside(path))}
        with suppress(OSError):
            for path in self._folder.glob(f"{_PREFIX}*"):
                if path not in kept:
                    path.unlink()

    def _path(self, turn_id: str, call_id: str) -> Path:
        digest = hashlib.sha256(f"{turn_id}\0{call_id}".encode("utf-8", "replace")).hexdigest()
        return self._folder / f"{_PREFIX}{digest[:16]}"


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}-before")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
