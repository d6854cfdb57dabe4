"""Which servers of a workspace's own configuration a person has said yes to: each definition by its hash, for that workspace alone.

A definition that changed by a single letter is another one, and undecided.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.config.server_options import WrittenServer
from postil.workspace.files.disk import PRIVATE_FILE
from postil.workspace.files.file_lock import alone
from postil.workspace.files.real_disk import RealDisk

Verdict = Literal["started", "left off"]


class Approval(BaseModel):
    """What a person said of a definition."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    fingerprint: str
    verdict: Verdict
    at: float
    """Seconds since the epoch."""
    face: str = ""


class ApprovalStore:
    """What was said of a workspace's servers, in a small private file that is replaced whole. Blocking: call it in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Mapping[str, Approval]:
        """Return what was said, by server. A file that cannot be read says nothing."""
        try:
            found = json.loads(self._path.read_text("utf-8"))["servers"]
            approvals = [Approval.model_validate(it) for it in found]
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return {}
        return {it.name: it for it in approvals}

    def decide(self, approval: Approval) -> None:
        """Keep what a person says of a definition, in place of what was said of that server before. Raises OSError."""
        with alone(self._path.with_suffix(".lock")):
            kept = {**self.load(), approval.name: approval}
            data = json.dumps(
                {"servers": [kept[name].model_dump() for name in sorted(kept)]}, indent=1
            ).encode()
            RealDisk().replace(self._path, data, PRIVATE_FILE)


class Approvals:
    """What is known of a workspace's approvals, as it was last looked at."""

    def __init__(self, store: ApprovalStore, trusted: Callable[[], bool], now: Callable[[], float]) -> None:
        self._store = store
        self._trusted = trusted
        self._clock = now
        self._said: Mapping[str, Approval] = {}

    async def look(self) -> None:
        """Look again, as another process may have asked."""
        await asyncio.to_thread(self.look_now)

    def look_now(self) -> None:
        """Look at what is kept. Blocking."""
        self._said = self._store.load()

    def refusal(self, written: WrittenServer) -> str:
        """Return why a server may not be started, without a full stop; nothing where it may."""
        if written.layer != "workspace":
            return ""
        if not self._trusted():
            return "the workspace is not trusted"
        said = self._said.get(written.name)
        if said is None:
            return "nobody has allowed what this workspace says of it"
        if said.fingerprint != written.fingerprint:
            return "what this workspace says of it has changed since you decided about it"
        return "" if said.verdict == "started" else "you have left it off"

    def asks(self, written: WrittenServer) -> bool:
        """Whether a person is to be asked about it."""
        said = self._said.get(written.name)
        known = said is not None and said.fingerprint == written.fingerprint
        return written.layer == "workspace" and self._trusted() and not known

    async def decide(self, written: WrittenServer, face: str, *, start: bool) -> None:
        """Keep what a person says. Raises OSError."""
        verdict: Verdict = "started" if start else "left off"
        said = Approval(
            name=written.name, fingerprint=written.fingerprint, verdict=verdict, at=self._clock(), face=face
        )
        await asyncio.to_thread(self._store.decide, said)
        await self.look()
