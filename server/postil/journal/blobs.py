"""Bytes kept under their SHA-256 in one folder: long texts of events."""

from __future__ import annotations

import hashlib
from pathlib import Path

from postil.workspace.files.disk import PRIVATE_FILE, Disk


class Blobs:
    """A folder of blobs. Any thread may use it; all methods block and raise OSError."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self._folder = folder
        self._durable: set[str] = set()

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their key, durable on return."""
        key = hashlib.sha256(data).hexdigest()
        if key not in self._durable:
            # A file of that name is no proof: its name may not be durable, and a disk may have spoilt it.
            if self.get(key) is None:
                self._disk.make_dir(self._folder)
                self._disk.replace(self._folder / key, data, PRIVATE_FILE)
            else:
                self._disk.sync_dir(self._folder)
            self._durable.add(key)
        return key

    def get(self, key: str) -> bytes | None:
        """Return the bytes, None where they are missing or no longer what their key says."""
        try:
            data = self._disk.read(self._folder / key)
        except FileNotFoundError:
            return None
        return data if hashlib.sha256(data).hexdigest() == key else None
