"""Tells from a session's snapshots whether whole events are gone from the end of its journal.

A snapshot is written after its events are safe, so what it has was there. Its headers are looked at before the journal is:
another process may be writing both.
"""

from __future__ import annotations

from pathlib import Path

from postil.journal.snapshot import CONVERSATION, WORKFLOW, read_header
from postil.workspace.files.disk import Disk


def promised(disk: Disk, folder: Path) -> int:
    """Return the number of the last event that the session's snapshots know of, 0 where there are none."""
    headers = (read_header(disk, folder, name) for name in (CONVERSATION, WORKFLOW))
    return max((it.seq for it in headers if it is not None), default=0)


def cut_short(seq: int, had: int) -> str:
    """Return what is missing of a journal that ends with event `seq` and had `had`; nothing where nothing is."""
    if had <= seq:
        return ""
    gone = f"Event {had} is" if had == seq + 1 else f"Events {seq + 1} to {had} are"
    return f"{gone} gone from the journal's end."
