"""One writer for each session: a kernel lock, which vanishes with its holder, and a record of who holds it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from postil.core.errors import Locked

_RECORD_LIMIT = 4096
_PATIENCE = 0.2
"""Seconds that whoever has just taken a lock may need to write its record."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds or last held a session."""

    pid: int
    started: float
    """Seconds since boot, where the system tells; else 0. With `pid`, it names a process for good."""
    host: str
    nonce: str
    fence: int
    """Counts the openings of the session; a holder with a lower number has been replaced."""
    released: bool = False
    """Whether it has let go."""

    @property
    def running(self) -> bool | None:
        """Whether that very process still runs; None where it is another machine's."""
        if self.host != socket.gethostname():
            return None
        now = process_started(self.pid)
        return now is not None and (not self.started or now in {0.0, self.started})

    @property
    def holding(self) -> bool:
        """Whether the process may still hold it, by this record."""
        return not self.released and self.running is not False


class Lock(Protocol):
    """A held lock."""

    @property
    def owner(self) -> Owner:
        """The record of this holding."""
        ...

    @property
    def previous(self) -> Owner | None:
        """The holding before this one, None where there was none or its record is unreadable."""
        ...

    def held(self) -> bool:
        """Whether the lock still is what it was; where locks do not work, another opener changes the record."""
        ...

    def release(self) -> None:
        """Let go; the record stays, for the next holder to read. Releasing twice is harmless."""
        ...


class KernelLock:
    """A lock on a file by the operating system."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises Locked where another process has it, OSError where it cannot be tried."""
        self._path = path
        self._fd = _lock_file(path)
        self._open = True
        self._record = b""
        try:
            self.previous = (
                _parse(os.pread(self._fd, _RECORD_LIMIT, 0)) if os.name != "nt" else read_owner(path)
            )
            fence = self.previous.fence + 1 if self.previous else 1
            self.owner = _this_process(fence)
            self._write(self.owner)
        except BaseException:
            self.release()
            raise

    def held(self) -> bool:
        """See `Lock.held`."""
        if not self._open:
            return False
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd)) and (
                os.name == "nt" or os.pread(self._fd, _RECORD_LIMIT, 0) == self._record
            )
        except OSError:
            return False

    def release(self) -> None:
        """See `Lock.release`."""
        if self._open:
            if self._record and self.held():
                with contextlib.suppress(OSError):
                    self._write(replace(self.owner, released=True))
            self._open = False
            os.close(self._fd)

    def _write(self, owner: Owner) -> None:
        self._record = json.dumps(asdict(owner)).encode() + b"\n"
        # Over the last record, not after emptying the file: on a full disk that would lose its number.
        os.lseek(self._fd, 0, os.SEEK_SET)
        os.write(self._fd, self._record)
        os.ftruncate(self._fd, len(self._record))


def read_owner(path: Path) -> Owner | None:
    """Return who holds or last held the lock at `path`, None where nobody did or the record is unreadable."""
    try:
        return _parse(path.read_bytes()[:_RECORD_LIMIT])
    except OSError:
        return None


def is_held(path: Path) -> bool:
    """Whether a process holds the lock at `path` now.

    Most often the record alone tells. Else the lock is tried for a moment, shared and without a record; whoever
    opens it in that very moment tries again.
    """
    owner = read_owner(path)
    if owner is None or not owner.holding:
        return False
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 (not on Windows)

    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return bool(owner.running)  # Locks do not work there; the record is all there is.
    finally:
        os.close(fd)
    return False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes a session."""

    pid: int
    host: str
    """Empty for this machine."""
    since: float | None
    """When it was opened there, in seconds since the epoch."""
    here: bool
    """Whether it is this very process."""


def holder(path: Path) -> Holder | None:
    """Return who holds the lock at `path` now, None where nobody does or the record is unreadable."""
    owner = read_owner(path)
    if owner is None or not is_held(path):
        return None
    try:
        since = path.stat().st_mtime
    except OSError:
        since = None
    here = owner.host == socket.gethostname()
    return Holder(owner.pid, "" if here else owner.host, since, here and owner.pid == os.getpid())


def locked(path: Path) -> Locked:
    """Return the error for a session that another process writes."""
    return Locked(
        f"This session is open in another window ({_holder(path)}).",
        "Close it there to go on with it here; until then it can be read here.",
    )


def process_started(pid: int) -> float | None:
    """Return when the process started, in seconds since boot; 0 where it runs and the system does not tell.

    None where there is no such process. On Linux from field 22 of /proc/<pid>/stat (proc_pid_stat(5)).
    """
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            return None
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    if sys.platform == "win32":
        return 0.0  # Signal 0 would end the process there.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return 0.0


def _holder(path: Path) -> str:
    """Return who holds the lock and since when, which is when the record was written."""
    until = time.monotonic() + _PATIENCE
    owner = read_owner(path)
    # Between taking the lock and writing its record, a holder goes by the name of the one before it.
    while (owner is None or not owner.holding) and time.monotonic() < until:
        time.sleep(0.005)
        owner = read_owner(path)
    if owner is None:
        return "another process"
    where = "" if owner.host == socket.gethostname() else f" on {owner.host}"
    try:
        since = time.localtime(path.stat().st_mtime)
    except OSError:
        return f"process {owner.pid}{where}"
    today = since[:3] == time.localtime()[:3]
    return f"process {owner.pid}{where} since {time.strftime('%H:%M' if today else '%Y-%m-%d %H:%M', since)}"


def _this_process(fence: int) -> Owner:
    return Owner(
        pid=os.getpid(),
        started=process_started(os.getpid()) or 0.0,
        host=socket.gethostname(),
        nonce=secrets.token_hex(8),
        fence=fence,
    )


def _lock_file(path: Path) -> int:
    """Open and lock; again where the file was removed or replaced between the two."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _take(fd, path)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(fd)):
                    return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _take(fd: int, path: Path) -> None:
    """Lock the file. Where its record names nobody who holds it, somebody may only be looking: it is tried again."""
    until = time.monotonic() + _PATIENCE
    while not _lock(fd):
        owner = read_owner(path)
        if (owner is not None and owner.holding) or time.monotonic() > until:
            raise locked(path)
        time.sleep(0.005)


def _lock(fd: int) -> bool:
    """Try to lock the file and return whether it worked."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 (Windows only)

            os.lseek(fd, _RECORD_LIMIT, os.SEEK_SET)  # Beyond the record, which others may read.
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 (not on Windows)

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _parse(record: bytes) -> Owner | None:
    try:
        return Owner(**json.loads(record.partition(b"\n")[0]))
    except (ValueError, TypeError):
        return None
