"""Which servers a person has said yes to: each definition with the files of the workspace that it names, by a hash, for that workspace alone.

A definition that changed by a single letter is another one, and undecided; so is one that names a file which changed. A person's
own servers need no word as long as such files are as they were when the settings were read.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.config.server_options import WrittenServer
from postil.permissions.agreed_files import AgreedFiles
from postil.permissions.named_files import NOTHING, Named, named_by_server
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
    files: dict[str, str] = {}
    """The files of the workspace that it named then, with digests."""


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

    def __init__(
        self,
        store: ApprovalStore,
        trusted: Callable[[], bool],
        now: Callable[[], float],
        servers: Sequence[WrittenServer],
        roots: Sequence[Path],
        agreed: AgreedFiles | None = None,
    ) -> None:
        """`servers` are those of the settings that were just read; `agreed` knows what earlier processes found of a person's own.

        Blocking: it reads the files that they name.
        """
        self._store = store
        self._trusted = trusted
        self._clock = now
        self._servers = {it.name: it for it in servers}
        self._roots = tuple(roots)
        self._said: Mapping[str, Approval] = {}
        self._agreed = agreed
        self._named = {it.name: named_by_server(it, self._roots) for it in servers}
        self._began = dict(self._named)
        """What they named when the settings were read."""
        self._read = {it.name: self._agreed_to(it) for it in servers}
        """What a person's own may name without a word of theirs."""

    async def look(self, names: Collection[str]) -> None:
        """Look again, as another process may have asked; for the servers of these names at the files as well."""
        await asyncio.to_thread(self.look_now, names)

    def look_now(self, names: Collection[str] = ()) -> None:
        """Look at what is kept, where a word of a person counts, and at files. Blocking."""
        for name in names:
            if name in self._servers:
                self._named[name] = named_by_server(self._servers[name], self._roots)
                if self._named[name] == self._read[name]:
                    self._read[name] = self._agreed_to(self._servers[name])
        if any(self._needs_word(it) for it in self._servers.values()):
            self._said = self._store.load()

    def fingerprint(self, written: WrittenServer) -> str:
        """Return a hash of the definition and of the files that it names: what was approved is what is started."""
        files = self._of(written).digest
        return (
            hashlib.sha256(f"{written.fingerprint}\n{files}".encode()).hexdigest()[:32]
            if files
            else written.fingerprint
        )

    def files(self, written: WrittenServer) -> Sequence[str]:
        """Return the files of the workspace that it names."""
        return sorted(self._of(written).files)

    def changed(self, written: WrittenServer) -> str:
        """Return which of them are not what they were when that was last agreed to, in words; empty where all are."""
        if written.layer != "workspace":
            return self._of(written).changed(self._read_files(written))
        said = self._said.get(written.name)
        return self._of(written).changed(said.files) if said is not None else ""

    def refusal(self, written: WrittenServer) -> str:
        """Return why a server may not be started, without a full stop; nothing where it may."""
        named = self._of(written)
        if named.why_not:
            return named.why_not
        if written.layer != "workspace" and not named.files and not self._read_files(written):
            return ""
        if not self._trusted():
            shown = ", ".join(sorted(named.files))
            return "the workspace is not trusted" + (
                f", and its command names {shown} of it" if shown else ""
            )
        said = self._said.get(written.name)
        if said is not None and said.fingerprint == self.fingerprint(written):
            return "" if said.verdict == "started" else "you have left it off"
        return self._undecided(written, said)

    def asks(self, written: WrittenServer) -> bool:
        """Whether a person is to be asked about it."""
        if self._of(written).why_not or not self._trusted():
            return False
        said = self._said.get(written.name)
        if said is not None and said.fingerprint == self.fingerprint(written):
            return False
        return bool(self._undecided(written, said))

    async def decide(self, written: WrittenServer, face: str, *, start: bool) -> None:
        """Keep what a person says of what they were shown. Raises OSError."""
        said = Approval(
            name=written.name,
            fingerprint=self.fingerprint(written),
            verdict="started" if start else "left off",
            at=self._clock(),
            face=face,
            files=dict(self._of(written).files),
        )
        await asyncio.to_thread(self._store.decide, said)
        await self.look(())

    def _undecided(self, written: WrittenServer, said: Approval | None) -> str:
        changed = self.changed(written)
        if written.layer != "workspace":
            if self._of(written) == self._read.get(written.name):
                return ""
            same = self._of(written) == self._began.get(written.name)
            since = "you agreed to it" if same else "Postil read your settings"
            return f"{changed or 'a file'}, which its command names, has changed since {since}"
        if said is None:
            return "nobody has allowed what this workspace says of it"
        if changed:
            return f"{changed}, which its command names, has changed since you decided about it"
        return "what this workspace says of it has changed since you decided about it"

    def _agreed_to(self, written: WrittenServer) -> Named:
        now = self._named[written.name]
        if self._agreed is None or written.layer == "workspace" or now.why_not:
            return now
        key = f"{written.name} {written.fingerprint}"
        try:
            return Named(self._agreed.agreed({key: now.files})[key])
        except OSError as error:
            return Named(why_not=f"it cannot be told which files you agreed to: {error}")

    def _needs_word(self, written: WrittenServer) -> bool:
        return (
            written.layer == "workspace" or bool(self._of(written).files) or bool(self._read_files(written))
        )

    def _read_files(self, written: WrittenServer) -> Mapping[str, str]:
        return self._read.get(written.name, NOTHING).files

    def _of(self, written: WrittenServer) -> Named:
        return self._named.get(written.name, _UNKNOWN)


_UNKNOWN = Named(why_not="nobody has looked at the files that it names")
