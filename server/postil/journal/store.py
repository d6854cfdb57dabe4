"""All sessions of a user: create, open, view, list, delete. Its methods do their blocking work in threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from postil.core.errors import Damaged, JournalError, PostilError, WriteFailed
from postil.core.events import Durable, Recorded
from postil.core.jobs import OF_JOBS
from postil.core.state import State
from postil.journal import handover
from postil.journal.blobs import Blobs
from postil.journal.damage import forget_damage
from postil.journal.layout import BLOBS, CHECKPOINT, JOURNAL, LOCK, Layout
from postil.journal.listing import Summary, list_sessions
from postil.journal.lock import Holder, KernelLock, Lock, holder, read_owner
from postil.journal.log import RESUME, TRY, WRITE_FAULTS, Log, reason_and_mend, write_failed
from postil.journal.opening import OpenReport, new_log, open_to_read, open_to_write
from postil.journal.outputs import Outputs
from postil.journal.reader import Position, Reader, Stop
from postil.journal.snapshot import Snapshots
from postil.journal.writer import FileJournal
from postil.workspace.files.checkpoint import Checkpoint
from postil.workspace.files.disk import Disk
from postil.workspace.files.real_disk import RealDisk

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Record:
    """A whole journal as it stands, for export and audit."""

    events: tuple[Recorded, ...]
    stop: Stop | None
    """Where and why it could not be read to its end."""
    notes: tuple[str, ...]
    sum: str
    """Of the last event: two records with the same sum are the same."""


class SessionStore:
    """The sessions under one state directory. Errors of the system come as JournalError with a plain sentence."""

    def __init__(
        self,
        state_dir: Path,
        *,
        disk: Disk | None = None,
        clock: Callable[[], float] = time.time,
        lock: Callable[[Path], Lock] = KernelLock,
    ) -> None:
        self._disk = disk or RealDisk()
        self._clock = clock
        self._lock = lock
        self._layout = Layout(self._disk, state_dir)

    async def create(self, root: Path, session_id: str) -> FileJournal:
        """Make a session's folder and empty journal, durable on return; its first event is the caller's.

        Raises ProtocolError where the id is taken or no id, and JournalError.
        """
        return await _whole(lambda: self._create(root, session_id), FileJournal.close, TRY)

    async def open(self, session_id: str) -> tuple[State, FileJournal, OpenReport]:
        """Open a session for writing, mended where an unfinished write had left something behind.

        Raises ProtocolError where there is none, Locked, Damaged, NewerFormat, JournalError.
        """
        return await _whole(lambda: self._open(session_id), lambda opened: opened[1].close())

    async def view(self, session_id: str) -> tuple[State, Viewer, OpenReport]:
        """Open a session to read, whether or not another process writes it or a part is damaged.

        Raises ProtocolError where there is none, NewerFormat, JournalError.
        """
        return await _threaded(lambda: self._view(session_id))

    async def holder(self, session_id: str) -> Holder | None:
        """Return who writes a session now; None where nobody does. Raises ProtocolError where there is none."""
        return await _threaded(lambda: holder(self._layout.session(session_id) / LOCK))

    async def list(self, root: Path | None = None) -> list[Summary]:
        """Return the sessions of a workspace or of all, the last used first; those of sub-agents are part of others."""
        return await _threaded(lambda: [it for it in list_sessions(self._layout, root) if not it.parent])

    async def latest(self, root: Path) -> str | None:
        """Return the id of the workspace's session that was used last."""
        sessions = await self.list(root)
        return sessions[0].session_id if sessions else None

    async def below(self, session_id: str) -> list[str]:
        """Return the sessions of a session's sub-agents and of theirs, the last first."""
        every = await _threaded(lambda: list_sessions(self._layout))
        names = [session_id]
        for name in names:
            names += (it.session_id for it in every if it.parent == name)
        return names[:0:-1]

    async def ask_for(self, session_id: str) -> None:
        """Ask whichever process writes a session to let go of it. Raises ProtocolError where there is none, and JournalError."""
        await _threaded(lambda: handover.ask(self._disk, self._layout.session(session_id), LOCK))

    async def withdraw(self, session_id: str) -> None:
        """Ask for it no more."""
        await _threaded(lambda: handover.withdraw(self._layout.session(session_id)))

    async def asked_for(self, session_ids: Sequence[str]) -> list[str]:
        """Return those of the sessions, written by this process, that another one asks for."""
        return await _threaded(
            lambda: [it for it in session_ids if handover.is_wanted(self._layout.session(it), LOCK)]
        )

    async def delete(self, session_id: str) -> None:
        """Remove a session with all it kept. Raises ProtocolError where there is none, and Locked."""
        await _threaded(lambda: self._delete(session_id), TRY)

    async def size(self, root: Path | None = None) -> int:
        """Return the bytes that the sessions of a workspace or of all hold."""
        return await _threaded(
            lambda: sum(self._layout.session_size(folder) for folder, _ in self._layout.sessions(root))
        )

    async def record(self, session_id: str) -> Record:
        """Return the whole journal, every sum checked. Raises ProtocolError, NewerFormat, JournalError."""
        return await _threaded(lambda: self._record(session_id))

    async def folded(self, session_id: str, work: Callable[[State], _T]) -> _T:
        """Return what `work` makes of a session's state, in the thread that reads it.

        Raises ProtocolError where there is none, NewerFormat, JournalError.
        """
        return await _threaded(lambda: work(self._view(session_id)[0]))

    async def home(self, root: Path) -> Path:
        """Return the folder of a workspace, made where it was missing."""
        return await _threaded(lambda: self._layout.make_workspace(root))

    async def folder(self, session_id: str) -> Path:
        """Return where the session's files lie. Raises ProtocolError where there is none."""
        return await _threaded(lambda: self._layout.session(session_id))

    def _create(self, root: Path, session_id: str) -> FileJournal:
        self._layout.clear_graves()
        folder = self._layout.new_session(root, session_id)
        lock = self._lock(folder / LOCK)
        try:
            log = new_log(self._disk, folder, lock, self._clock)
        except BaseException:
            lock.release()
            raise
        return self._journal(folder, log, Snapshots(self._disk, folder, folder / JOURNAL), lock)

    def _open(self, session_id: str) -> tuple[State, FileJournal, OpenReport]:
        self._layout.clear_graves()
        folder = self._layout.session(session_id)
        lock = self._lock(folder / LOCK)
        try:
            loaded, log, report = open_to_write(self._disk, folder, self._layout.state, lock, self._clock)
        except BaseException:
            lock.release()
            raise
        open_calls = loaded.state.workflow.open_calls
        running = [(call.turn_id, call.call.id) for call in open_calls]
        # Of jobs what they printed is read after their end, too.
        Outputs(folder).drop_others([*running, *((OF_JOBS, it.id) for it in loaded.state.workflow.jobs)])
        return loaded.state, self._journal(folder, log, loaded.snapshots, lock), report

    def _journal(self, folder: Path, log: Log, snapshots: Snapshots, lock: Lock) -> FileJournal:
        checkpoint = Checkpoint(self._disk, folder / CHECKPOINT)
        return FileJournal(log, snapshots, checkpoint, Outputs(folder), lock.release)

    def _view(self, session_id: str) -> tuple[State, Viewer, OpenReport]:
        folder = self._layout.session(session_id)
        owner = read_owner(folder / LOCK)
        loaded, report = open_to_read(self._disk, folder, self._layout.state, owner)
        return loaded.state, Viewer(self._disk, folder, loaded.reader.position), report

    def _delete(self, session_id: str) -> None:
        folder = self._layout.remains(session_id)
        lock = self._lock(folder / LOCK)
        try:
            self._disk.remove_tree(folder)
            forget_damage(self._disk, folder)
            self._disk.clear_temporaries(folder.parent)  # Those of deletions that were interrupted.
        finally:
            lock.release()

    def _record(self, session_id: str) -> Record:
        folder = self._layout.session(session_id)
        reader = Reader(self._disk, folder / JOURNAL, Blobs(self._disk, folder / BLOBS).get)
        events = tuple(reader.records())
        return Record(events, reader.stop, tuple(reader.notes), reader.position.sum)


class Viewer:
    """A session's journal to read only: a `core.ports.Journal` that refuses to append."""

    def __init__(self, disk: Disk, folder: Path, position: Position) -> None:
        self._disk = disk
        self._path = folder / JOURNAL
        self._blobs = Blobs(disk, folder / BLOBS)
        self._checkpoint = Checkpoint(disk, folder / CHECKPOINT)
        self._position = position

    async def append(self, event: Durable, *, sync: bool) -> Recorded:
        """Raise WriteFailed."""
        del event, sync
        raise WriteFailed("This session is open to read only.", "Open it for writing first.")

    async def keep(self, texts: Sequence[str]) -> None:
        """Raise WriteFailed."""
        del texts
        raise WriteFailed("This session is open to read only.", "Open it for writing first.")

    async def kept(self, key: str) -> str | None:
        """Return the text that is kept under a hash, or None."""
        return await _threaded(lambda: self._checkpoint.text(key))

    async def news(self) -> list[Recorded]:
        """Return the events that were written since the last call, or since the session was opened.

        Raises JournalError where what was read is no longer what the file has.
        """
        return await _threaded(self._news)

    async def close(self) -> None:
        """Do nothing: nothing is held."""

    def _news(self) -> list[Recorded]:
        size = self._disk.size(self._path) or 0
        if size == self._position.offset:
            return []
        if size < self._position.offset:
            raise JournalError("The end of this session was taken back.", "Attach to it again.")
        reader = Reader(self._disk, self._path, self._blobs.get, self._position)
        records = list(reader.records())
        self._position = reader.position
        if not records and reader.stop is not None and reader.stop.damage:
            raise Damaged(reader.stop.message, "Attach to it again to read what came before.")
        return records


async def _threaded(work: Callable[[], _T], then: str = RESUME) -> _T:
    """Do the work in a thread; errors of the system come back as a sentence for a person, with what to do `then`."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        if error.errno in WRITE_FAULTS:
            raise write_failed(error, then=then) from error
        reason, mend = reason_and_mend(error, then)
        where = f" ({error.filename})" if error.filename else ""
        raise JournalError(f"The session's files cannot be used: {reason}{where}.", mend) from error


async def _whole(work: Callable[[], _T], undo: Callable[[_T], Awaitable[None]], then: str = RESUME) -> _T:
    """Do the work in a thread; where the wait is cancelled, what it still brings about is undone."""
    task = asyncio.ensure_future(_threaded(work, then))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(PostilError):
            await undo(await task)
        raise
