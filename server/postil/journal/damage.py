"""Remembers which sessions were found to be damaged, for lists, which look at the ends of journals alone.

The note lies in the workspace's folder, as a damaged session stays as it is, byte for byte. It is believed as long as the
journal has the size that it had, and goes when the session could be opened for writing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from postil.journal.layout import JOURNAL
from postil.workspace.files.disk import PRIVATE_FILE, Disk

_FOLDER = "damaged"


def note_damage(disk: Disk, folder: Path, message: str) -> None:
    """Remember of the session in `folder` why it cannot be written to. Never raises: a list can do without."""
    with suppress(OSError):
        note = _note(folder)
        data = json.dumps({"size": disk.size(folder / JOURNAL), "message": message}).encode("ascii")
        disk.make_dir(note.parent)
        if _known(disk, note) != data:
            disk.replace(note, data, PRIVATE_FILE)


def forget_damage(disk: Disk, folder: Path) -> None:
    """Forget it: the session is whole, or gone. Never raises."""
    with suppress(OSError):
        note = _note(folder)
        if disk.size(note) is not None:
            disk.remove(note)


class Damages:
    """What is remembered, looked up once for each workspace."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._names: dict[Path, frozenset[str]] = {}

    def of(self, folder: Path, size: int) -> str:
        """Return why the session with a journal of `size` bytes cannot be written to; nothing where that is not known."""
        home = folder.parent
        if home not in self._names:
            with suppress(OSError):
                self._names[home] = frozenset(self._disk.list(_note(folder).parent))
        if folder.name not in self._names.get(home, ()):
            return ""
        try:
            match json.loads(_known(self._disk, _note(folder))):
                case {"size": int(then), "message": str(message)} if then == size:
                    return message
                case _:
                    return ""
        except ValueError:
            return ""


def _note(folder: Path) -> Path:
    return folder.parents[1] / _FOLDER / folder.name


def _known(disk: Disk, note: Path) -> bytes:
    try:
        return disk.read(note)
    except OSError:
        return b""
