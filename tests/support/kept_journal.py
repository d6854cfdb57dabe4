"""A session on disk for tests of its audit, and what the check says of other bytes in its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from postil.core import events as ev
from postil.core.events import Durable
from postil.journal.audit import Outside, Report, verify
from tests.support.golden import SESSIONS
from tests.support.golden_parts import prompt
from tests.support.journals import write_journal

LONG = "A long text: é. " * 5_000
SESSION: list[Durable] = [
    *SESSIONS["edit_and_shell"],
    prompt("t0002", LONG),
    ev.SessionClosed(reason="done"),
]


class Kept:
    """A session on disk, and what the check says of other bytes in its place."""

    def __init__(self, folder: Path, events: Sequence[Durable] = SESSION) -> None:
        self.folder = folder
        write_journal(folder / "journal", events)
        self.lines = (folder / "journal").read_bytes().splitlines(keepends=True)

    def blob(self, key: str) -> bytes | None:
        """Return what lies under the key."""
        path = self.folder / "blobs" / key
        return path.read_bytes() if path.is_file() else None

    def check(self, lines: Sequence[bytes] | None = None, outside: Outside | None = None) -> Report:
        """Check these lines in place of its own."""
        return verify(self.lines if lines is None else lines, self.blob, outside or Outside("s0001"))


def first(report: Report) -> int:
    """Return the first bad line's number."""
    assert not report.whole
    return report.faults[0].line
