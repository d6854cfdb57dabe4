"""The open journal of one session: appends groups of events, syncs them, and stops for good at the first fault."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from postil.core.errors import WriteFailed
from postil.core.event_codec import encode
from postil.core.events import Durable, Recorded, UnknownEvent
from postil.journal import codec
from postil.journal.blobs import Blobs
from postil.journal.reader import Position
from postil.journal.upcast import decode_event
from postil.workspace.files.disk import Handle

_REMEMBERED = 1024
"""Positions kept for snapshots, which come a few events after the event they are of."""

WRITE_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
"""Errors of the system that only writing meets."""

_reasons = {
    errno.ENOSPC: ("the disk is full", "Make room"),
    errno.EDQUOT: ("the disk quota is used up", "Make room"),
    errno.EFBIG: ("the file may not grow any further", "Raise the limit on file sizes"),
    errno.EROFS: ("the file system is read-only", "Make the state directory writable"),
    errno.EACCES: ("access was denied", "Make the state directory writable"),
    errno.EPERM: ("access was denied", "Make the state directory writable"),
    errno.ENOTDIR: ("there is a file where a folder should be", "Move that file away"),
    errno.EISDIR: ("there is a folder where a file should be", "Move that folder away"),
    errno.EIO: ("the disk reported an error", "Check the disk"),
}
_IN_THE_WAY = {errno.ENOTDIR, errno.EISDIR}


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one line stands, so that a snapshot can be held against it."""

    seq: int
    sum: str
    start: int
    """Bytes from the start of the file."""
    end: int


RESUME, TRY = "resume the session", "try again"
"""How it goes on once the cause is mended: where there is a session to go on with, and where there is none."""


def reason_and_mend(error: OSError, then: str = TRY) -> tuple[str, str]:
    """Return what happened, as the end of a sentence, and what to do about it: mend its cause, and `then`."""
    reason, mend = _reasons.get(error.errno or 0, (error.strerror or str(error), ""))
    return reason, f"{mend}, then {then}." if mend else f"{then.capitalize()}."


def write_failed(
    error: OSError, what: str = "The session's journal could not be written", then: str = RESUME
) -> WriteFailed:
    """Return the error as a person reads it."""
    reason, mend = reason_and_mend(error, then)
    where = f" ({error.filename})" if error.filename and error.errno in _IN_THE_WAY else ""
    return WriteFailed(f"{what}: {reason}{where}.", mend)


class Log:
    """The end of a journal that grows. Blocks; one thread at a time may use it.

    A failed write or sync takes back what it can of the group that failed, and every later call raises the same
    WriteFailed: what the medium holds is then known only to a reader that opens it anew.
    """

    def __init__(
        self,
        handle: Handle,
        position: Position,
        blobs: Blobs,
        clock: Callable[[], float],
        held: Callable[[], bool] = lambda: True,
    ) -> None:
        self._handle = handle
        self._clock = clock
        self._held = held
        self.blobs = blobs
        self.position = position
        self.durable = position.seq
        """The highest number that survives a power cut; what was read when opening had been synced."""
        self.failed: WriteFailed | None = None
        self._marks: deque[Mark] = deque(maxlen=_REMEMBERED)

    def append(self, events: Sequence[Durable], *, sync: bool) -> list[Recorded | Exception]:
        """Write the events as one group and, with `sync`, make it and all before it durable.

        An event that cannot be encoded has its error in its place and takes no number; the others are written.
        Raises WriteFailed, after which none of the group counts as written.
        """
        self._check()
        base = self.position
        try:
            written, data = self._encode(events)
            if data:
                self._check_alone(base.offset)
                self._handle.write(data)
            if sync:
                self._sync()
        except OSError as error:
            self._take_back(base)
            raise self._fail(error) from error
        return written

    def sync(self) -> None:
        """Make everything written durable. Raises WriteFailed."""
        self._check()
        try:
            self._sync()
        except OSError as error:
            raise self._fail(error) from error

    def close(self) -> None:
        """Sync unless it has failed, and close. Raises WriteFailed where that sync is the first to fail."""
        try:
            if self.failed is None:
                self.sync()
        finally:
            self._handle.close()

    def mark(self, seq: int) -> Mark | None:
        """Return where the line with this number stands; None where it was written too long ago."""
        return next((mark for mark in reversed(self._marks) if mark.seq == seq), None)

    def _encode(self, events: Sequence[Durable]) -> tuple[list[Recorded | Exception], bytes]:
        written: list[Recorded | Exception] = []
        lines: list[bytes] = []
        for event in events:
            try:
                record, line = self._line(event)
            except (ValueError, TypeError, RecursionError) as error:
                written.append(error)
            else:
                written.append(record)
                lines.append(line)
        return written, b"".join(lines)

    def _line(self, event: Durable) -> tuple[Recorded, bytes]:
        last, at = self.position, self._clock()
        line, digest, kept = self._packed(event, at)
        if len(line) > codec.LINE_LIMIT:
            raise ValueError(f"an event of {len(line):,} bytes is over the limit of 64 MiB")
        end = last.offset + len(line)
        self.position = Position(last.seq + 1, digest, end)
        self._marks.append(Mark(last.seq + 1, digest, last.offset, end))
        return Recorded(last.seq + 1, at, kept), line

    def _packed(self, event: Durable, at: float) -> tuple[bytes, str, Durable | UnknownEvent]:
        seq, previous = self.position.seq + 1, self.position.sum
        data = encode(event)
        try:
            line, digest = codec.encode_line(seq, at, self.durable, data, previous)
        except ValueError:
            # A number that JSON does not have. What is folded now has to be what is read later.
            data = codec.pack(data, self.blobs.put)
            kept, _ = decode_event(codec.unpack(data, self.blobs.get))
            return *codec.encode_line(seq, at, self.durable, data, previous), kept
        if codec.must_pack(line):
            data = codec.pack(data, self.blobs.put)
            line, digest = codec.encode_line(seq, at, self.durable, data, previous)
        return line, digest, event

    def _take_back(self, base: Position) -> None:
        self.position = base
        while self._marks and self._marks[-1].seq > base.seq:
            self._marks.pop()
        with suppress(OSError):
            self._handle.truncate(base.offset)

    def _sync(self) -> None:
        if self.durable < self.position.seq:
            self._handle.sync()
            self.durable = self.position.seq

    def _check_alone(self, size: int) -> None:
        """Refuse to write where another process does: kernel locks do not hold on every file system."""
        if not self._held() or self._handle.size() != size:
            raise OSError(errno.EBUSY, "something else writes this session's journal")

    def _check(self) -> None:
        if self.failed is not None:
            raise WriteFailed(self.failed.message, self.failed.mend)

    def _fail(self, error: OSError) -> WriteFailed:
        # Before its first event is written there is no session that could be resumed.
        self.failed = write_failed(error, then=RESUME if self.position.seq else TRY)
        return self.failed
