"""Small events and sessions for tests of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postil.core.events import (
    CallFinished,
    Durable,
    PromptReceived,
    Recorded,
    SessionClosed,
    SessionCreated,
)
from postil.journal.blobs import Blobs
from postil.journal.log import Log
from postil.journal.reader import Position, Reader
from postil.workspace.files.disk import Disk
from postil.workspace.files.real_disk import RealDisk


def created(session_id: str = "s1") -> SessionCreated:
    return SessionCreated(session_id=session_id, roots=("/project",), face="test", postil="0.1.0")


def prompt(number: int = 1, text: str = "Mend the test.") -> PromptReceived:
    return PromptReceived(turn_id=f"t{number}", text=text, face="test")


def closed() -> SessionClosed:
    return SessionClosed(reason="done")


def result(content: str) -> CallFinished:
    return CallFinished(turn_id="t1", call_id="c1", tool="read", outcome="completed", content=content)


class Ticking:
    """A clock that goes one second further each time it is asked."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self.time = start

    def __call__(self) -> float:
        self.time += 1.0
        return self.time


def write_journal(
    path: Path, events: Sequence[Durable], *, disk: Disk | None = None, sync_each: bool = True
) -> list[Recorded]:
    """Write a journal as the writer would, with each event a group of its own."""
    disk = disk or RealDisk()
    log = Log(disk.create(path), Position(), Blobs(disk, path.parent / "blobs"), Ticking())
    records: list[Recorded] = []
    for event in events:
        records += [one for one in log.append([event], sync=sync_each) if isinstance(one, Recorded)]
    log.close()
    return records


def read_journal(path: Path, start: Position | None = None) -> tuple[list[Recorded], Reader]:
    disk = RealDisk()
    reader = Reader(disk, path, Blobs(disk, path.parent / "blobs").get, start)
    return list(reader.records()), reader
