"""Folders that are on the disk only while a command runs, so that something can be laid over them where nothing was.

Each command keeps a note of its own. Whoever comes last removes them: the command's own end, or a later start where Postil was
killed meanwhile.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from postil.workspace.commands.processes import process_alive, start_time


class Covers:
    """The notes of one workspace. Blocking; what cannot be done is left undone."""

    def __init__(self, folder: Path) -> None:
        """`folder` is private and is made when it is first needed."""
        self._folder = folder

    def begin(self, folders: Sequence[Path]) -> Path | None:
        """Note that a command is about to need folders; returns the note. Raises OSError."""
        if not folders:
            return None
        with self._alone():
            note = self._folder / f"{uuid.uuid4().hex}.json"
            _write(note, folders, os.getpid())
        return note

    def started(self, note: Path | None, folders: Sequence[Path], pid: int) -> None:
        """Note whose end is the end of the need. Raises OSError."""
        if note is not None:
            with self._alone():
                _write(note, folders, pid)

    def end(self, note: Path | None) -> None:
        """Remove what the command needed, unless another one does; what is not empty was made by somebody else and stays."""
        if note is None:
            self.sweep()
            return
        with suppress(OSError), self._alone():
            wanted = _read(note)[0]
            note.unlink()
            self._remove(wanted)

    def sweep(self) -> None:
        """Remove what commands have left whose Postil was killed."""
        if not self._folder.is_dir():
            return
        with suppress(OSError), self._alone():
            for note in self._notes():
                folders, alive = _read(note)
                if not alive:
                    note.unlink()
                    self._remove(folders)

    def _remove(self, folders: Sequence[Path]) -> None:
        needed = {it for note in self._notes() for it in _read(note)[0]}
        for it in folders:
            if it not in needed:
                with suppress(OSError):
                    it.rmdir()

    def _notes(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    @contextmanager
    def _alone(self) -> Generator[None]:
        import fcntl  # noqa: PLC0415 (not on Windows, where nothing is covered)

        self._folder.mkdir(0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _write(note: Path, folders: Sequence[Path], pid: int) -> None:
    data = {"folders": [str(it) for it in folders], "pid": pid, "started": start_time(pid)}
    note.write_text(json.dumps(data), "utf-8")


def _read(note: Path) -> tuple[list[Path], bool]:
    """Return the folders, and whether the process that needs them is there."""
    try:
        data = json.loads(note.read_text("utf-8"))
        folders = [Path(it) for it in data["folders"]]
        return folders, process_alive(int(data["pid"]), float(data["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return [], False
