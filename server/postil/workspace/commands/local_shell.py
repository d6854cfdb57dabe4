"""Command lines: the `Shell` of this machine, which starts each, follows it to its end and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Protocol

from postil.core.effects import Command
from postil.core.outlook import Outlook
from postil.core.ports import ShellResult
from postil.workspace.commands.environment import SYSTEM_PATH, asked_environment
from postil.workspace.commands.processes import end_left, machine, process_alive, start_time
from postil.workspace.commands.pump import Pump
from postil.workspace.commands.shell import Program, discard_program, plainly, spawners, start_outliving
from postil.workspace.sandbox.guarding import Around, Nothing, Prepared
from postil.workspace.sandbox.mechanism import Launch

_CANCEL_PATIENCE = 0.08


class Preparing(Protocol):
    """What prepares commands. Blocking: called in a thread."""

    def prepare(self, argv: Sequence[str], command: Command) -> Prepared:
        """Return the command, whose words for the shell are `argv`, as it is started. Raises OSError."""
        ...

    def outlook(self, command: Command) -> Outlook:
        """Return how the command would run now. Never raises."""
        ...


class LocalShell:
    """Runs command lines on this machine.

    Each command has a process group of its own, no terminal and no input. When it has ended, what it left running
    in the background is ended too where it still holds the output; what redirected its output lives on.
    """

    def __init__(self, ways: Preparing | None = None) -> None:
        """`ways` prepares each command; without it they run as they are, without secrets."""
        self._ways = ways or Plainly()
        self._running: set[Pump] = set()

    async def outlook(self, command: Command) -> Outlook:
        """Return how the command would run now. Never raises."""
        return await spawners.run(lambda: self._ways.outlook(command))

    async def run(
        self,
        command: Command,
        output: Callable[[str], None],
        spawned: Callable[[int, float], Awaitable[None]],
    ) -> ShellResult:
        """Run the command to its end or its timeout. Cancelling ends its whole process group.

        Raises CommandFailed where it cannot be started.
        """
        began = monotonic()
        child, started, around = await self._start(command)
        try:
            await spawned(child.pid, started)
        except BaseException:
            spawners.submit(lambda: _end_around(child, around))
            raise
        pump = Pump(child, command.timeout, output, around)
        self._running.add(pump)
        pump.ending.add_done_callback(lambda _: self._running.discard(pump))
        pump.start()
        try:
            ending = await asyncio.shield(pump.ending)
        except asyncio.CancelledError:
            pump.cancel()
            # The pump sees it through by itself; the caller waits only as long as a person does not notice.
            await asyncio.wait({pump.ending}, timeout=_CANCEL_PATIENCE)
            raise
        seconds = monotonic() - began
        return ShellResult(ending.exit_code, ending.output, ending.left_out, seconds, ending.notes)

    def machine(self) -> str:
        """Return what names this run of the machine and its space of process ids; empty where the system does not say."""
        return machine()

    async def end(self, pid: int, started: float) -> bool:
        """End the group of a process that an earlier Postil had started; returns whether nothing of it runs any more."""
        return await spawners.run(lambda: end_left(pid, started))

    def runs(self, pid: int, started: float) -> bool:
        """Whether the process of this id is still the one that started then, in seconds since boot."""
        return process_alive(pid, started)

    def close(self) -> None:
        """End all that still runs, at once."""
        for pump in list(self._running):
            pump.kill()

    async def _start(self, command: Command) -> _Started:
        def work() -> _Started:
            argv = (*interpreter(), command.line)
            with plainly(argv, command.cwd):
                prepared = self._ways.prepare(argv, command)
                try:
                    child = start_outliving(prepared.launch, command.cwd)
                except BaseException:
                    prepared.around.ended("", None)
                    raise
            prepared.around.started(child.pid)
            return child, start_time(child.pid), prepared.around

        starting = asyncio.ensure_future(spawners.run(work))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_end_unwanted)
            raise


_Started = tuple[Program, float, Around]


class Plainly:
    """Prepares commands as they are: nothing confines them."""

    def prepare(self, argv: Sequence[str], command: Command) -> Prepared:
        """Return the command itself."""
        del command
        environment = asked_environment(os.environ, os.environ.get("PATH", SYSTEM_PATH))
        return Prepared(Launch(tuple(argv), environment), Nothing())

    def outlook(self, command: Command) -> Outlook:
        """Return that it runs outside of any sandbox."""
        del command
        return Outlook(why_outside="there is none here")


@lru_cache(maxsize=1)
def interpreter() -> tuple[str, ...]:
    """Return the words before a command line that run it."""
    for path in ("/bin/bash", "/usr/bin/bash", shutil.which("bash") or ""):
        if path and Path(path).exists():
            return path, "--noprofile", "--norc", "-c"
    return "/bin/sh", "-c"


def _end_unwanted(starting: asyncio.Future[_Started]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        child, _, around = starting.result()
        spawners.submit(lambda: _end_around(child, around))


def _end_around(child: Program, around: Around) -> None:
    discard_program(child)
    around.ended("", None)
