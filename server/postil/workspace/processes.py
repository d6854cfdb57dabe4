"""Facts about running processes, and how a group of them is ended. Blocking, but only for microseconds."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def start_time(pid: int) -> float:
    """Return when the process started, in seconds since boot; 0 where the system does not say or it is gone."""
    return _status(pid)[1]


def process_alive(pid: int, started: float) -> bool:
    """Whether the process of this id is still the one that started then. Without a start time, any will do."""
    state, now = _status(pid)
    if state:
        return state not in "ZX" and (not started or abs(now - started) < 0.5 / _TICKS)
    if os.name == "nt" or Path("/proc/self/stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def signal_group(pid: int, *, kill: bool) -> None:
    """End the group that the process leads: by asking, or at once. The caller has not reaped the process yet."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL if kill else signal.SIGTERM)


def has_ended(pid: int) -> bool:
    """Whether a child has ended, without reaping it: until it is reaped, its id cannot become another's."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _status(pid: int) -> tuple[str, float]:
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().decode("latin-1")
    except OSError:
        return "", 0.0
    # The name in parentheses may hold anything, even parentheses.
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[19]) / _TICKS
