"""Which configurations were tried already: those whose invariants hold, and those that a person accepts as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.workspace.files.disk import PRIVATE_FILE, PRIVATE_FOLDER
from postil.workspace.files.file_lock import alone
from postil.workspace.files.real_disk import RealDisk

Standing = Literal["holds", "accepted"]
_KEPT = 200
"""Digests that are remembered; who goes back further tries once more."""


class Known(BaseModel):
    """A configuration that was tried."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    digest: str
    standing: Standing
    at: float
    """Seconds since the epoch."""


class KnownHarnesses:
    """A small private file in the state folder, replaced whole. Blocking: call it in a thread."""

    def __init__(self, state: Path) -> None:
        self._path = state / "guardrails.json"

    def load(self) -> dict[str, Known]:
        """Return what is known, by digest. A file that cannot be read says nothing."""
        try:
            found = json.loads(self._path.read_text("utf-8"))["known"]
            kept = [Known.model_validate(it) for it in found]
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return {}
        return {it.digest: it for it in kept}

    def add(self, digest: str, standing: Standing, at: float) -> None:
        """Remember a configuration. Raises OSError. One without anything of its own has no digest, and needs none."""
        if not digest:
            return
        self._path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        with alone(self._path.with_suffix(".lock")):
            kept = {**self.load(), digest: Known(digest=digest, standing=standing, at=at)}
            newest = sorted(kept.values(), key=lambda it: it.at)[-_KEPT:]
            data = json.dumps({"known": [it.model_dump() for it in newest]}, indent=1).encode()
            RealDisk().replace(self._path, data, PRIVATE_FILE)
