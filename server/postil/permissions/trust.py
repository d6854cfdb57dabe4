"""Which folders a person trusts: one private file for each in the state directory, never a word in the folder itself.

A folder that nobody has decided about is not trusted. What was said counts for the very folder that it was said of: one
that was moved, or that has taken another's place, is undecided again; and so is one of which something else would run by itself
than when that was said.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from postil.permissions.configures import Configured, configured_by
from postil.workspace.files.disk import PRIVATE_FILE, Disk
from postil.workspace.files.identity import Identity, identity_of
from postil.workspace.files.real_disk import RealDisk

FOLDER = "trust"
"""Within the state directory."""
Verdict = Literal["trusted", "restricted"]


class Record(BaseModel):
    """What a person said of a folder."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    folder: Identity
    verdict: Verdict
    below: bool = False
    """Whether trust covers the folders below it as well; a restriction always does."""
    at: float
    face: str = ""
    runs: str = ""
    """The digest of what the folder had run by itself then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a folder stands."""

    trusted: bool
    decided: bool
    """Whether a person has said so of this very folder, or of one above it for all below."""
    why: str
    """The end of a sentence that begins with the folder."""


class TrustStore:
    """The folders that a person has decided about. Blocking: call it in a thread."""

    def __init__(self, state: Path, disk: Disk | None = None) -> None:
        """`state` is the state directory."""
        self._folder = state / FOLDER
        self._disk = disk or RealDisk()

    def standing(self, folder: Path, runs: Configured | None = None) -> Standing:
        """Return how the folder stands. Never raises: what cannot be found out is not trusted.

        `runs` is what it runs by itself, where somebody has read that already.
        """
        try:
            real = Path(os.path.realpath(folder))
            return self._standing(real, runs or configured_by(real))
        except (OSError, ValueError) as error:
            return Standing(False, False, f"could not be looked at ({type(error).__name__})")

    def word(self, folder: Path) -> str:
        """Return what tells the word in force about the folder from any other, later or earlier; empty where there is none."""
        real = Path(os.path.realpath(folder))
        for here in (real, *real.parents):
            record = self._read(self._file(str(here)))
            if record is not None and record.folder.path == str(here) and (here == real or record.below):
                return f"{record.verdict} {here} {record.at}"
        return ""

    def decide(
        self,
        folder: Path,
        verdict: Verdict,
        at: float,
        face: str,
        *,
        below: bool = False,
        runs: str | None = None,
    ) -> Record:
        """Keep what a person says of a folder; `at` is seconds since the epoch. Raises OSError.

        `runs` is the digest of what they were shown that it would run by itself; by default of what that is now.
        """
        digest = configured_by(folder).digest if runs is None else runs
        record = Record(
            folder=identity_of(folder), verdict=verdict, below=below, at=at, face=face, runs=digest
        )
        self._disk.make_dir(self._folder)
        data = json.dumps(record.model_dump(), indent=1).encode() + b"\n"
        self._disk.replace(self._file(record.folder.path), data, PRIVATE_FILE)
        return record

    def forget(self, folder: Path) -> bool:
        """Make the folder undecided, whether or not it is still there; returns whether there was anything. Raises OSError."""
        file = self._file(os.path.realpath(folder))
        there = self._disk.size(file) is not None
        self._disk.remove(file)
        return there

    def records(self) -> Iterator[Record]:
        """Yield what is kept, in order of the folders' paths."""
        found = (self._read(self._folder / name) for name in self._disk.list(self._folder))
        yield from sorted((it for it in found if it is not None), key=lambda it: it.folder.path)

    def _standing(self, folder: Path, runs: Configured) -> Standing:
        for here in (folder, *folder.parents):
            record = self._read(self._file(str(here)))
            if record is None or record.folder.path != str(here):
                continue
            if record.verdict == "restricted":
                return Standing(False, True, "is restricted, as you said")
            if here != folder and not record.below:
                continue
            differs = record.folder.differs(identity_of(here)) or _runs_otherwise(record, folder, runs)
            if differs:
                return Standing(False, False, f"was trusted, but {differs}")
            return Standing(True, True, "is trusted, as you said")
        return Standing(False, False, "is not known to be trusted")

    def _file(self, path: str) -> Path:
        name = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self._folder / f"{name}.json"

    def _read(self, file: Path) -> Record | None:
        """Return what a file says; None where it cannot be read or may have been written by somebody else."""
        try:
            if not _is_private(file.lstat()):
                return None
            return Record.model_validate(json.loads(self._disk.read(file)))
        except (OSError, ValueError, RecursionError, ValidationError):
            return None


def is_broad(folder: Path, home: Path) -> str:
    """Return what is too broad about trusting a folder, as a sentence; empty where it is one project."""
    real, own = Path(os.path.realpath(folder)), Path(os.path.realpath(home))
    if real == own:
        return "It is your home folder: whatever lies there would count as yours, downloads included."
    if own.is_relative_to(real):
        return "Your home folder lies in it: whatever lies there would count as yours."
    return ""


def _runs_otherwise(record: Record, folder: Path, now: Configured) -> str:
    """Return how what a folder runs by itself is not what was trusted; empty where it is, or nothing does."""
    if now.why_not:
        return now.why_not.removesuffix(".")
    if not now.digest or (now.digest == record.runs and record.folder.path == str(folder)):
        return ""
    return "its hooks are not those that you were shown"


def _is_private(found: os.stat_result) -> bool:
    if os.name == "nt":
        return True
    return (
        found.st_uid == os.geteuid() and not found.st_mode & 0o022 and (found.st_mode & 0o170000) == 0o100000
    )
