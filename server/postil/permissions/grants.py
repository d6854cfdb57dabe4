"""Grants that outlive a session: kept per workspace in the state directory, never in the repository."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.core.errors import ConfigurationError
from postil.permissions.rule import Rule, parse
from postil.workspace.disk import PRIVATE_FILE
from postil.workspace.real_disk import RealDisk


class StoredGrant(BaseModel):
    """One grant as it is kept."""

    model_config = ConfigDict(extra="ignore")

    id: str
    rule: str
    at: float
    session_id: str


class GrantStore:
    """The lasting grants of one workspace, in a small JSON file that is replaced whole. Blocking: call it in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> list[StoredGrant]:
        """Return the grants. A file that cannot be read grants nothing."""
        try:
            data = json.loads(self._path.read_text("utf-8"))
            return [StoredGrant.model_validate(it) for it in data["grants"]]
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return []

    def add(self, grant: StoredGrant) -> None:
        """Keep a grant."""
        self._write([it for it in self.load() if it.rule != grant.rule] + [grant])

    def remove(self, grant_id: str) -> None:
        """Forget a grant; one that is not there is no error."""
        self._write([it for it in self.load() if it.id != grant_id])

    def rules(self) -> tuple[Rule, ...]:
        """Return the grants as rules; one that cannot be parsed grants nothing."""
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
