"""Makes a new session of what can be read of a damaged one, which stays as it is byte for byte."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

from postil.core.errors import JournalError
from postil.core.events import Durable, JournalRepaired, Recorded, SessionCreated
from postil.journal.appendix import APPENDIX, Appendix, lost_with, whole_lines, write_appendix
from postil.journal.blobs import Blobs
from postil.journal.codec import LINE_LIMIT
from postil.journal.layout import BLOBS, CHECKPOINT, JOURNAL
from postil.journal.log import Log
from postil.journal.opening import load, mend_damage
from postil.journal.reader import Position, Reader
from postil.workspace.files.disk import Disk, temporary_name


def salvage(disk: Disk, folder: Path, session_id: str) -> Appendix:
    """Make the session `session_id` beside the damaged one: its events up to the damage, with a chain of their own.

    Kept texts and blobs come with them, and the later lines that look whole as an appendix, which is returned.
    Raises JournalError where nothing is damaged or nothing can be read, NewerFormat, and OSError.
    """
    loaded = load(disk, folder, use_snapshots=False)
    if not loaded.damage:
        raise JournalError(
            f"Session {folder.name} is not damaged: there is nothing to salvage.", "Resume it."
        )
    reader = Reader(disk, folder / JOURNAL, loaded.blobs.get)
    records = list(islice(reader.records(), loaded.state.seq))
    rest = disk.read(folder / JOURNAL, reader.position.offset)
    lines = (raw for raw in rest.splitlines(keepends=True) if len(raw) <= LINE_LIMIT)
    later = tuple(raw for raw, _ in whole_lines(lines))
    if not records:
        raise JournalError(
            f"Nothing can be salvaged of session {folder.name}: {loaded.damage}",
            mend_damage(folder, 0),
        )
    appendix = Appendix(folder.name, records[-1].seq, loaded.damage, later)
    # Made under a name that is no session's until all of it is there. What an interrupted try left goes first.
    making = folder.with_name(temporary_name(f"salvage-{folder.name}"))
    if making.name in disk.names(making.parent):
        disk.remove_tree(making)
    disk.make_dir(making)
    for name in (BLOBS, CHECKPOINT):
        _copy(disk, folder / name, making / name)
    write_appendix(disk, making, appendix)
    lost = lost_with(appendix, loaded.blobs.get)
    repaired = JournalRepaired(dropped_bytes=len(rest), kept_in=APPENDIX, lost=lost)
    _write(disk, making, session_id, records, repaired)
    disk.rename(making, folder.with_name(session_id))
    disk.sync_dir(folder.parent)
    return appendix


def _copy(disk: Disk, source: Path, target: Path) -> None:
    for name in disk.list(source):
        disk.make_dir(target)
        handle = disk.create(target / name)
        try:
            handle.write(disk.read(source / name))
            handle.sync()
        finally:
            handle.close()


def _write(disk: Disk, folder: Path, session_id: str, records: Sequence[Recorded], last: Durable) -> None:
    """Write the events anew, each at its own time, and last what became of the rest."""
    times = iter([record.at for record in records])
    log = Log(
        disk.create(folder / JOURNAL),
        Position(),
        Blobs(disk, folder / BLOBS),
        lambda: next(times, None) or time.time(),
    )
    try:
        # Synced before the last one is written, which then says that all of them were promised.
        log.append(list(_renamed(records, session_id)), sync=True)
        log.append([last], sync=True)
        if log.position.seq != len(records) + 1:
            raise JournalError("An event of the damaged session cannot be written anew.")
    finally:
        log.close()


def _renamed(records: Iterable[Recorded], session_id: str) -> Iterable[Durable]:
    for record in records:
        if isinstance(record.event, SessionCreated):
            yield record.event.model_copy(update={"session_id": session_id})
        else:
            yield cast("Durable", record.event)  # One of a later version is written as it was read.
