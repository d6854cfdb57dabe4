"""The texts that files had before and after our edits, each once, so that changes can be taken back.

They lie under their hashes in numbered folders of limited size; the oldest folder goes when there are too many.
So the whole stays bounded without a list of what is used: a text that is gone is one that was kept long ago.
The user's own version control is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from postil.core.effects import text_hash
from postil.workspace.disk import PRIVATE_FILE, Disk

FOLDER_BYTES = 32_000_000
"""After so much a new folder is begun."""
FOLDERS = 8
"""How many are kept: a quarter of a gigabyte for each session."""


class Checkpoint:
    """The kept texts of one session. Any one thread at a time may use it; all methods block and raise OSError."""

    def __init__(
        self, disk: Disk, folder: Path, folder_bytes: int = FOLDER_BYTES, folders: int = FOLDERS
    ) -> None:
        self._disk = disk
        self._folder = folder
        self._folder_bytes = folder_bytes
        self._folders = folders
        self._durable: set[str] = set()
        self._room = 0
        """Bytes that the newest folder still takes."""

    def keep(self, texts: Sequence[str]) -> None:
        """Keep the texts under their `text_hash`, durable on return."""
        for text in texts:
            key = text_hash(text)
            if key not in self._durable:
                data = _encoded(text)
                # A file that is there already may not be durable, or spoilt: it is written again.
                self._disk.replace(self._place(len(data)) / key, data, PRIVATE_FILE)
                self._durable.add(key)

    def text(self, key: str) -> str | None:
        """Return the text of that hash, None where it is not kept any more, or spoilt."""
        for name in reversed(self._names()):
            try:
                text = self._disk.read(self._folder / name / key).decode("utf-8", "surrogatepass")
            except (FileNotFoundError, UnicodeDecodeError):
                continue
            if text_hash(text) == key:
                return text
        return None

    def _place(self, size: int) -> Path:
        """Return the folder to write so many bytes to; a full one is followed by a new one."""
        names = self._names()
        if names and not self._durable:
            # The first text since the session was opened: what lies there counts.
            newest = self._folder / names[-1]
            self._room = self._folder_bytes - sum(
                self._disk.size(newest / name) or 0 for name in self._disk.list(newest)
            )
        if not names or self._room <= 0:
            names.append(f"{int(names[-1]) + 1 if names else 1:06}")
            self._disk.make_dir(self._folder / names[-1])
            self._room = self._folder_bytes
            for old in names[: -self._folders]:
                self._forget(old)
        self._room -= size
        return self._folder / names[-1]

    def _forget(self, name: str) -> None:
        gone = self._folder / name
        self._durable -= set(self._disk.list(gone))
        with suppress(OSError):  # It is tried again when the next folder is begun.
            self._disk.remove_tree(gone)

    def _names(self) -> list[str]:
        return sorted(name for name in self._disk.list(self._folder) if name.isdigit())


def _encoded(text: str) -> bytes:
    """Return the bytes that `text_hash` hashes; lone surrogates stand for bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogatepass")
