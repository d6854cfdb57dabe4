"""Facts about running processes, and how a group of them is ended. Blocking, but only for microseconds."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep

_GLANCE = 0.001
_LAST_WORDS = 2.0
"""Seconds between asking a group to end and ending it, and for it to be gone then."""
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


def group_ended(pid: int, patience: float) -> bool:
    """Wait, no longer than `patience` seconds, until nothing runs of the group that a reaped process has led.

    Whoever inherited its members may let them lie for a while: the dead do not count.
    """
    until = monotonic() + patience
    while monotonic() < until:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False  # another's by now
        if os.name == "posix" and Path("/proc/self/stat").exists() and not _runs_in_group(pid):
            return True
        sleep(_GLANCE)
    return False


@lru_cache(maxsize=1)
def machine() -> str:
    """Return what names this run of the machine and its space of process ids; empty where the system does not say.

    An id and a start (seconds since boot) are one process's for good within these alone.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}" if boot else ""
    except (OSError, ValueError):
        return ""


def end_left(pid: int, started: float) -> bool:
    """End the group of a process that is no child of ours: by asking, then at once. Blocking, for some seconds at most.

    It is signalled only where it is the process that started then, and leads its group: an id may be another's by now. Returns
    whether nothing of the group runs any more.
    """
    if not (started and process_alive(pid, started)):
        return not process_alive(pid, started)
    try:
        if os.getpgid(pid) != pid or pid == os.getpgrp():
            return False
    except OSError:
        return not process_alive(pid, started)
    signal_group(pid, kill=False)
    if group_ended(pid, _LAST_WORDS):
        return True
    # Where the leader has gone its id stays the group's, as long as one of that runs: one that started at another time is another's.
    state, now = _status(pid)
    if state and abs(now - started) >= 0.5 / _TICKS:
        return True
    signal_group(pid, kill=True)
    return group_ended(pid, _LAST_WORDS)


def _runs_in_group(group: int) -> bool:
    for name in os.listdir("/proc"):  # noqa: PTH208 (names are all that is wanted)
        fields = _fields(int(name)) if name.isdecimal() else []
        if fields and int(fields[2]) == group and fields[0] not in "ZX":
            return True
    return False


def _status(pid: int) -> tuple[str, float]:
    fields = _fields(pid)
    return (fields[0], int(fields[19]) / _TICKS) if fields else ("", 0.0)


def _fields(pid: int) -> list[str]:
    """Return what the system says of a process, from its state on; nothing where it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().decode("latin-1")
    except OSError:
        return []
    # The name in parentheses may hold anything, even parentheses.
    return text.rpartition(")")[2].split()
