"""Landlock and seccomp: a process that gives up its rights by itself before it becomes the command."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.mechanism import Launch
from postil.workspace.sandbox.plan import handed
from postil.workspace.sandbox.seccomp import filter_of, known_calls

CREATE_RULESET = 444
"""The call's number, the same on every architecture (landlock_create_ruleset(2))."""
OLDEST = 3
"""Before this version a file could be emptied (truncate(2)) past it."""
KEEPS_SIGNALS_INSIDE = 6
_VERSION = 1
_LAUNCHER = Path(__file__).with_name("confine.py")

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1, 2, 4, 8, 1 << 14
READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | TRUNCATE | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 12 | 1 << 13
"""Removes, makes folders, files, pipes and links, and moves between folders; never devices or sockets."""
_DEVICES = {
    "/dev/null": READ_FILE | WRITE_FILE | TRUNCATE, "/dev/zero": READ_FILE | WRITE_FILE | TRUNCATE, "/dev/full": READ_FILE | WRITE_FILE,
    "/dev/random": READ_FILE, "/dev/urandom": READ_FILE,
}  # fmt: skip


def landlock_version() -> int:
    """Return the version of the kernel's Landlock, 0 where it has none."""
    if sys.platform != "linux":
        return 0
    try:
        call = ctypes.CDLL(None, use_errno=True).syscall
    except (OSError, AttributeError):
        return 0
    call.restype = ctypes.c_long
    answer = call(ctypes.c_long(CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(0, int(answer))


@dataclass(frozen=True, slots=True)
class Landlock:
    """Runs commands through a small program that confines itself and then becomes them: the same process, the same group."""

    version: int
    title: str = "Landlock and seccomp"
    lets_work: bool = False
    lays_over: bool = False

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        """Return the command behind the program that confines itself."""
        del cwd
        calls = known_calls()
        if calls is None:
            raise OSError("the system calls of this machine are not known")
        signals = self.version >= KEEPS_SIGNALS_INSIDE
        calls_filter = filter_of(calls, network=within.network, signals=signals).hex()
        words = [str(self.version), "network" if within.network else "", calls_filter]
        words += [it for path, rights in grants(within) for it in (str(rights), path)]
        file = handed(os.fsencode("\0".join(words)))
        return Launch((sys.executable, "-I", "-S", str(_LAUNCHER), str(file), *argv), environment, (file,))


def grants(within: Confinement) -> Iterator[tuple[str, int]]:
    """Yield paths with the rights that hold from there downwards. Landlock only ever adds, so what is hidden is gone around."""
    hidden = {*within.hidden, Path("/dev")} - {*within.readable}
    closed = {*hidden, *within.covered}
    yield from _around(Path("/"), closed, listed=False)
    for it in within.readable:
        if it != Path("/"):
            yield from _around(it, closed, listed=True)
    for it in within.writable:
        # What is given for a folder holds for all that lies in it: where a part of it is kept, none of it is given.
        holds = any(one.is_relative_to(it) for one in (*within.kept, *within.covered, *within.absent))
        yield from _around(it, closed, listed=True) if holds else [(str(it), WRITE)]
    yield from _DEVICES.items()


def _around(top: Path, closed: set[Path], *, listed: bool) -> Iterator[tuple[str, int]]:
    """Yield the largest parts of `top` in which nothing is closed. `listed`: names may be seen where contents may not."""
    if not any(it.is_relative_to(top) for it in closed - {top}):
        yield str(top), READ
        return
    if listed:
        yield str(top), READ_DIR
    for entry in _entries(top):
        path = top / entry.name
        if path not in closed and not entry.is_symlink():
            yield from _around(path, closed, listed=False)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
