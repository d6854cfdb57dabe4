"""Which processes there are, by a text in their command lines: their own numbers are others in a sandbox."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path

from postil.workspace.commands.processes import process_alive, start_time


def long_sleep() -> str:
    """Return a command that sleeps for so long that it has to be ended, as no other process does."""
    return f"sleep 600.{uuid.uuid4().int}"


def running(mark: str) -> list[tuple[int, float]]:
    """Return the processes with this text in their command line, each by its number and its start."""
    found: list[tuple[int, float]] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        number = int(path.parent.name)
        with suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ")
            found += [(number, start_time(number))] if mark.encode() in words else []
    return [it for it in found if process_alive(*it)]
