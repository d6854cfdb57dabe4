"""Opens a session: reads its state, mends what an unfinished write left behind, and tells what it found."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from postil.core.errors import Damaged, JournalError
from postil.core.events import JournalRepaired, Recorded, SessionClosed
from postil.core.fold import apply
from postil.core.loading import loading
from postil.core.state import State
from postil.journal.blobs import Blobs
from postil.journal.damage import forget_damage, note_damage
from postil.journal.layout import BLOBS, JOURNAL, crash_log
from postil.journal.lock import Lock, Owner
from postil.journal.log import Log
from postil.journal.reader import Position, Reader
from postil.journal.shortened import cut_short, promised
from postil.journal.snapshot import Snapshots
from postil.workspace.files.disk import PRIVATE_FILE, Disk, Handle

_CRASH_LIMIT = 8192


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What was found on opening, for the person and for `SessionResumed`."""

    session_id: str
    seq: int
    """The last event's number."""
    clean: bool
    """Whether the last process had closed the session, or there was none."""
    read_only: bool = False
    ending: str = ""
    """What is known of how the last process ended, one or two sentences; nothing where it was clean."""
    crash: str = ""
    """The start of what the last process wrote about its fatal error."""
    torn_bytes: int = 0
    """Bytes of an unfinished write at the end."""
    torn_file: str = ""
    """The file in the session's folder into which they were cut aside."""
    damage: str = ""
    """Why events from here on are missing; only where it was opened to read."""
    mend: str = ""
    """What to do about that."""
    notes: tuple[str, ...] = ()
    """What was forgiven, one sentence each."""
    from_snapshot: bool = False
    fence: int = 0
    """Which opening for writing this is, from 1."""


@dataclass(slots=True)
class Loaded:
    """A session as its files say, nothing mended."""

    state: State
    reader: Reader
    snapshots: Snapshots
    blobs: Blobs
    start: Position
    """Where replaying began: after the snapshots' event, or at the start."""
    closed: bool = False
    """Whether the last event closed the session."""
    misfit: str = ""
    """Why an event could not be applied to the state before it, where reading stopped; or which are gone from the end."""

    @property
    def from_snapshot(self) -> bool:
        """Whether its state came from snapshots, up to a point."""
        return self.start.seq > 0

    @property
    def damage(self) -> str:
        """Why it cannot be written to; nothing where it can."""
        stop = self.reader.stop
        return self.misfit or (stop.message if stop is not None and stop.damage else "")

    @property
    def torn_bytes(self) -> int:
        """Bytes of an unfinished write at the end."""
        stop = self.reader.stop
        return stop.size if stop is not None and not stop.damage else 0


def load(disk: Disk, folder: Path, *, use_snapshots: bool = True) -> Loaded:
    """Read a session; what lies before its snapshots is believed. Raises NewerFormat and OSError; damage is in what
    it returns."""
    with loading():
        return _load(disk, folder, use_snapshots=use_snapshots)


def load_checked(disk: Disk, folder: Path) -> Loaded:
    """Read a session as if it had no snapshots: what lies before them is held against its sums."""
    loaded = load(disk, folder)
    if loaded.from_snapshot and not loaded.snapshots.seal.unbroken(loaded.start, loaded.blobs.get):
        loaded = load(disk, folder, use_snapshots=False)
        loaded.snapshots.seal.forget()
    return loaded


def _load(disk: Disk, folder: Path, *, use_snapshots: bool) -> Loaded:
    had = promised(disk, folder)
    snapshots = Snapshots(disk, folder, folder / JOURNAL)
    blobs = Blobs(disk, folder / BLOBS)
    found = snapshots.load() if use_snapshots else None
    state, start = found or (State.empty(), Position())
    reader = Reader(disk, folder / JOURNAL, blobs.get, start)
    loaded = Loaded(state, reader, snapshots, blobs, start, state.workflow.closed)
    for record in reader.records():
        try:
            apply(state, record)
        except Exception as error:  # noqa: BLE001 (a fold that fails, however it does, is damage)
            state.seq = record.seq - 1
            loaded.misfit = f"Event {record.seq} does not follow from those before it ({error!r})."
            break
        loaded.closed = isinstance(record.event, SessionClosed)
    if not loaded.damage:
        loaded.misfit = cut_short(loaded.state.seq, had)
    return loaded


def mend_damage(folder: Path, seq: int) -> str:
    """Return what a person can do about the damaged session in `folder`, of which events up to `seq` can be read."""
    if not seq:
        return (
            f"Nothing of it can be read or salvaged. It stays as it is in {folder}; "
            f"`postil sessions delete {folder.name}` removes it."
        )
    return f"Nothing was changed on disk; `postil sessions salvage {folder.name}` makes a new session of what came before."


def open_to_read(disk: Disk, folder: Path, state_dir: Path, owner: Owner | None) -> tuple[Loaded, OpenReport]:
    """Read a session without touching it; another process may be writing it, and has then checked it."""
    written = owner is not None and owner.holding
    loaded = load(disk, folder) if written else load_checked(disk, folder)
    if loaded.damage and not written:
        note_damage(disk, folder, loaded.damage)
    return loaded, _report(disk, folder, state_dir, loaded, owner)


def open_to_write(
    disk: Disk, folder: Path, state_dir: Path, lock: Lock, clock: Callable[[], float]
) -> tuple[Loaded, Log, OpenReport]:
    """Read a session, every line of it held against its sum, and mend its end.

    Raises Damaged, NewerFormat, WriteFailed and OSError.
    What the last process wrote and did not sync is made durable first: from here on it is part of the state.
    """
    loaded = load_checked(disk, folder)
    if loaded.damage:
        note_damage(disk, folder, loaded.damage)
        raise Damaged(loaded.damage, mend_damage(folder, loaded.state.seq))
    forget_damage(disk, folder)
    disk.clear_temporaries(folder)
    handle = disk.open_append(folder / JOURNAL)
    try:
        torn_file, position = _mend(disk, folder, loaded, handle)
        log = Log(handle, position, loaded.blobs, clock, lock.held)
        report = _report(disk, folder, state_dir, loaded, lock.previous, torn_file, lock.owner.fence)
        if torn_file:
            event = JournalRepaired(dropped_bytes=loaded.torn_bytes, kept_in=torn_file)
            for record in log.append([event], sync=True):
                if isinstance(record, Recorded):
                    apply(loaded.state, record)
    except BaseException:
        handle.close()
        raise
    return loaded, log, report


def new_log(disk: Disk, folder: Path, lock: Lock, clock: Callable[[], float]) -> Log:
    """Create a session's journal, durably, and return it empty."""
    handle = disk.create(folder / JOURNAL)
    return Log(handle, Position(), Blobs(disk, folder / BLOBS), clock, lock.held)


def _mend(disk: Disk, folder: Path, loaded: Loaded, handle: Handle) -> tuple[str, Position]:
    """Cut a torn end aside, end the last line; return the name of what was cut, and where to go on."""
    end, torn_file = loaded.reader.position, ""
    if loaded.torn_bytes:
        torn_file = _keep(disk, folder, disk.read(folder / JOURNAL, end.offset))
        handle.truncate(end.offset)
    elif loaded.reader.unterminated:
        handle.write(b"\n")
        end = Position(end.seq, end.sum, end.offset + 1)
    handle.sync()
    disk.sync_dir(folder)
    if handle.size() != end.offset:
        raise JournalError("The session's journal changed while it was opened.", "Try again.")
    return torn_file, end


def _keep(disk: Disk, folder: Path, tail: bytes) -> str:
    """Keep the bytes in a file of their own; an earlier try that was interrupted has them already."""
    number = 1
    while disk.size(folder / (name := f"journal.torn-{number}")) is not None:
        if disk.read(folder / name) == tail:
            return name
        number += 1
    disk.replace(folder / name, tail, PRIVATE_FILE)
    return name


def _report(
    disk: Disk,
    folder: Path,
    state_dir: Path,
    loaded: Loaded,
    owner: Owner | None,
    torn_file: str = "",
    fence: int = 0,
) -> OpenReport:
    clean = loaded.state.seq == 0 or (loaded.closed and not loaded.torn_bytes)
    # Whether a damaged one had been closed nobody can read.
    told = not clean and not loaded.damage and not loaded.closed
    crash = _crash(disk, state_dir, owner) if told and owner is not None else ""
    return OpenReport(
        session_id=folder.name,
        seq=loaded.state.seq,
        clean=clean,
        read_only=fence == 0,
        ending=_ending(owner, crash) if told else "",
        crash=crash,
        torn_bytes=loaded.torn_bytes,
        torn_file=torn_file,
        damage=loaded.damage,
        mend=mend_damage(folder, loaded.state.seq) if loaded.damage else "",
        notes=tuple(loaded.reader.notes),
        from_snapshot=loaded.from_snapshot,
        fence=fence,
    )


def _ending(owner: Owner | None, crash: str) -> str:
    if owner is None:
        return "The last process ended without closing the session."
    if owner.running is None:
        return f"Process {owner.pid} on {owner.host} did not close the session."
    if owner.running and owner.pid == os.getpid():
        return "The session had stopped, because it could not be written."
    if owner.running:
        return f"Process {owner.pid} did not close the session, and still runs."
    first = crash.partition("\n")[0]
    return f"Process {owner.pid} ended without closing the session." + (f" It said: {first}" if first else "")


def _crash(disk: Disk, state_dir: Path, owner: Owner) -> str:
    try:
        raw = disk.read(crash_log(state_dir, owner.pid), 0, _CRASH_LIMIT)
    except OSError:
        return ""
    return raw.decode("utf-8", "replace").strip()
