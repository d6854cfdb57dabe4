"""Sessions that a person took out of memory: they stay on the disk and are never indexed again. Everything here blocks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk


class Forgotten:
    """The ids of these sessions, in a file of their own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> frozenset[str]:
        """Return them. Raises OSError, and ValueError where the file is spoilt: then nobody knows what is to be left out."""
        try:
            data: object = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return frozenset()
        if not isinstance(data, list):
            raise ValueError(f"{self._path} is no list")  # noqa: TRY004 (it is what a spoilt file raises, too)
        return frozenset(map(str, cast("list[object]", data)))

    def add(self, session_id: str) -> None:
        """Add one. Raises OSError and ValueError."""
        ids = sorted({*self.ids(), session_id})
        RealDisk().replace(self._path, json.dumps(ids).encode() + b"\n", PRIVATE_FILE)
