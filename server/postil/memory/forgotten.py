"""Sessions that a person took out of memory: they stay on the disk and are never indexed again. Everything here blocks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from postil.core.errors import PostilError
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.real_disk import RealDisk


class Forgotten:
    """The ids of these sessions, in a file of their own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ids(self) -> frozenset[str]:
        """Return them. Raises OSError, and PostilError where the file is spoilt: then nobody knows what is to be left out."""
        try:
            data: object = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return frozenset()
        except ValueError:
            data = None
        if not isinstance(data, list):
            raise PostilError(
                f"Which sessions were forgotten is not known: {self._path} cannot be read.",
                "Mend it, a list of ids in JSON, or delete it and forget them again.",
            )
        return frozenset(map(str, cast("list[object]", data)))

    def add(self, session_id: str) -> None:
        """Add one. Raises OSError and PostilError."""
        ids = sorted({*self.ids(), session_id})
        RealDisk().replace(self._path, json.dumps(ids).encode() + b"\n", PRIVATE_FILE)
