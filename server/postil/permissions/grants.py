"""Grants that outlive a session: kept per workspace in the state directory, never in the repository."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.core.errors import ConfigurationError
from postil.permissions.rule import Rule, parse
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.file_lock import alone
from postil.workspace.files.real_disk import RealDisk

_Mark = tuple[int, int, int]


class StoredGrant(BaseModel):
    """One grant as it is kept."""

    model_config = ConfigDict(extra="ignore")

    id: str
    rule: str
    at: float
    """Seconds since the epoch."""
    session_id: str
    face: str = ""
    """Where the person answered."""
    asked: str = ""
    """What the question was about, in one line."""


class GrantStore:
    """The lasting grants of one workspace, in a small JSON file that is replaced whole. Blocking: call it in a thread.

    Several processes use it at once: each change is made alone, on what is there then, and each look sees the last.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[_Mark | None, tuple[Rule, ...]] | None = None

    def load(self) -> list[StoredGrant]:
        """Return the grants. A file that cannot be read grants nothing."""
        try:
            data = json.loads(self._path.read_text("utf-8"))
            return [StoredGrant.model_validate(it) for it in data["grants"]]
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return []

    def add(self, grant: StoredGrant) -> None:
        """Keep a grant, in place of an older one of the same rule. Raises OSError."""
        with alone(self._lock):
            self._write([it for it in self.load() if it.rule != grant.rule] + [grant])

    def remove(self, grant_id: str) -> StoredGrant | None:
        """Forget a grant and return it; None where it is not there, such as when somebody else was first. Raises OSError."""
        if not self._path.exists():
            return None
        with alone(self._lock):
            grants = self.load()
            found = next((it for it in grants if it.id == grant_id), None)
            if found is not None:
                self._write([it for it in grants if it.id != grant_id])
            return found

    def rules(self) -> tuple[Rule, ...]:
        """Return the grants in force now as rules; one that cannot be parsed grants nothing."""
        mark = self.mark()
        if self._seen is None or mark is None or self._seen[0] != mark:
            self._seen = mark, self._rules()
        return self._seen[1]

    def mark(self) -> _Mark | None:
        """Return what changes with every change of the file; None where there is none."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    @property
    def _lock(self) -> Path:
        return self._path.with_suffix(".lock")

    def _rules(self) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        for grant in self.load():
            try:
                rules.append(parse(grant.rule, "allow", "user"))
            except ConfigurationError:
                continue
        return tuple(rules)

    def _write(self, grants: list[StoredGrant]) -> None:
        data = json.dumps({"grants": [it.model_dump() for it in grants]}, indent=1).encode()
        RealDisk().replace(self._path, data, PRIVATE_FILE)


class StandingRules:
    """Rules that hold beyond one session: those of the settings files, and the grants for the workspace as they are now."""

    def __init__(self, fixed: tuple[Rule, ...], grants: GrantStore) -> None:
        self.fixed = fixed
        self._grants = grants

    async def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force now."""
        return (*self.fixed, *await asyncio.to_thread(self._grants.rules))

    async def grant(self, grant: StoredGrant) -> None:
        """Keep a grant for the workspace. Raises OSError."""
        await asyncio.to_thread(self._grants.add, grant)
