"""Follows one running process to its end: reads what it prints, keeps its time limit, ends its group."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import IO, Protocol

from postil.core.cutting import ending
from postil.core.redaction.stream import GAP
from postil.workspace.commands.printed import Cleaner, HeadAndTail
from postil.workspace.commands.processes import group_ended, has_ended, signal_group
from postil.workspace.sandbox.guarding import Around, Nothing

_TICK = 0.02
_READ = 65536
_DELIVERY = 0.05
_MOST_AT_ONCE = 4000
_LAST_WORDS = 2.0
"""Seconds between asking a group to end and ending it."""
_DRAIN = 0.25
"""Seconds that output may still come after the command itself has ended."""
_HELD = 0.3
"""Seconds for what it left behind in the background to let go of the output when asked."""
_GOING = 1.0
"""Seconds for a group that was ended at once to be gone."""
_BEHIND = "\n[What the command left running in the background was ended; to keep it, redirect its output.]\n"
_ENDED_WITH_IT = "\n[What the command left running in the background was ended with it.]\n"


class Child(Protocol):
    """What is followed: a process that was started in a group of its own."""

    @property
    def pid(self) -> int:
        """Its id, which is its group's too."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """What it prints."""
        ...

    def wait(self) -> int:
        """Reap it; returns its exit code, negative for a signal."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """How the process ended, and what it printed."""

    exit_code: int | None
    output: str
    left_out: int
    notes: tuple[str, ...] = ()
    """What is to be said beside it."""


class Pump:
    """One process and the thread that follows it."""

    def __init__(
        self, child: Child, timeout: float, output: Callable[[str], None], around: Around | None = None
    ) -> None:
        self._child = child
        self._around = around or Nothing()
        self._until = monotonic() + timeout
        self._output = output
        self._loop = asyncio.get_running_loop()
        self.ending: asyncio.Future[Ending] = self._loop.create_future()
        self._lock = threading.Lock()
        self._reaped = False
        self._asked_at: float | None = None
        self._kill_at: float | None = None
        self._killed = False
        self._timed_out = False
        self._silent = False
        self._cleaner = Cleaner()
        self._printed = HeadAndTail()
        self._pending = ""
        self._delivered_at = 0.0
        self._delivering = False
        self._thread = threading.Thread(target=self._follow, name=f"postil-pump-{child.pid}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the group to end and deliver nothing more; what does not end in two seconds is ended."""
        self._silent = True
        self._ask(monotonic(), _LAST_WORDS)

    def kill(self) -> None:
        """End the group at once, for shutdown."""
        self._silent = True
        self._kill_at = monotonic()
        self._signal(kill=True)

    def join(self, timeout: float) -> None:
        """Wait for the thread's end. Blocking."""
        self._thread.join(timeout)

    def _follow(self) -> None:
        try:
            self._read_to_the_end()
            self._deliver(self._add_printed(self._cleaner.feed(b"", last=True)), now=True)
        finally:
            # Whoever was to be ended and is still there, perhaps with its output elsewhere, goes before the
            # leader is reaped: until then the group's id is ours.
            outlived = self._around.outlived
            if self._asked_at is not None or not outlived or not has_ended(self._child.pid):
                self._signal(kill=True)
            code = self._reap()
            if not outlived:
                group_ended(self._child.pid, _GOING)
            output, left_out = self._printed.kept()
            notes = self._around.ended(output, code)
            how = Ending(None if self._timed_out else code, output, left_out, notes)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._finish, how)

    def _read_to_the_end(self) -> None:
        assert self._child.stdout is not None
        source = self._child.stdout.fileno()
        poller = select.poll()
        poller.register(source, select.POLLIN)
        ended_at: float | None = None
        silent_since: float | None = None
        while True:
            if silent_since is not None:
                sleep(_TICK / 20 if monotonic() < silent_since + _TICK else _TICK)
            elif poller.poll(_TICK * 1000):
                data = os.read(source, _READ)
                silent_since = None if data else monotonic()
                self._deliver(self._add_printed(self._cleaner.feed(data)))
            now = monotonic()
            if ended_at is None and has_ended(self._child.pid):
                ended_at = now
            if silent_since is not None and ended_at is not None:
                return
            self._keep_time(now, ended_at)
            if self._killed and ended_at is not None and now > (self._kill_at or now) + _DRAIN:
                return  # who still holds the output has left the group
            self._deliver("")

    def _keep_time(self, now: float, ended_at: float | None) -> None:
        if not self._killed and self._around.trespasses():
            self._asked_at, self._kill_at, self._killed = now, now, True
            self._signal(kill=True)
        if self._asked_at is None:
            if ended_at is not None and now > ended_at + _DRAIN:
                self._ask(now, _HELD)
                self._add_printed(_BEHIND if self._around.outlived else _ENDED_WITH_IT)
            elif ended_at is None and now > self._until:
                self._timed_out = True
                self._ask(now, _LAST_WORDS)
        elif not self._killed and self._kill_at is not None and now > self._kill_at:
            self._killed = True
            self._signal(kill=True)

    def _ask(self, now: float, patience: float) -> None:
        if self._asked_at is None:
            self._asked_at, self._kill_at = now, now + patience
            self._signal(kill=False)

    def _signal(self, *, kill: bool) -> None:
        # Once reaped, the id may belong to a stranger.
        with self._lock:
            if not self._reaped:
                signal_group(self._child.pid, kill=kill)

    def _reap(self) -> int:
        with self._lock:
            code = self._child.wait()
            self._reaped = True
        if self._child.stdout is not None:
            self._child.stdout.close()
        return 128 - code if code < 0 else code

    def _add_printed(self, text: str) -> str:
        self._printed.add(text)
        return text

    def _deliver(self, text: str, *, now: bool = False) -> None:
        """Hand on what was printed, some times a second and only so much: nobody reads faster."""
        self._pending += text
        if len(self._pending) > 2 * _MOST_AT_ONCE:
            self._pending = GAP + ending(self._pending[-_MOST_AT_ONCE:])
        due = now or (not self._delivering and monotonic() > self._delivered_at + _DELIVERY)
        if self._pending and due and not self._silent:
            piece, self._pending = self._pending, ""
            self._delivering = True
            self._delivered_at = monotonic()
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hand_over, piece)

    def _hand_over(self, piece: str) -> None:
        try:
            if not self._silent:
                self._output(piece)
        finally:
            self._delivering = False

    def _finish(self, ending: Ending) -> None:
        if not self.ending.done():
            self.ending.set_result(ending)
