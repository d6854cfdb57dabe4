"""Child processes: the only place that starts one, and the `Shell` that runs command lines."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic

from postil.core.effects import Command
from postil.core.errors import CommandFailed
from postil.core.ports import ShellResult
from postil.workspace.environment import program_environment, shell_environment
from postil.workspace.processes import process_alive, signal_group, start_time
from postil.workspace.pump import Pump
from postil.workspace.sandbox.mechanism import Launch
from postil.workspace.threads import Threads

Program = subprocess.Popen[bytes]
"""A running child, for those who may not name what starts one."""

_CANCEL_PATIENCE = 0.08
_PIPE_SIZE = 1 << 20
_spawners = Threads("spawn", 4)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended."""

    code: int | None
    """None where it was ended for taking too long."""
    stdout: bytes
    stderr: str


def start_program(argv: Sequence[str], cwd: Path, *, piped: bool = False) -> Program:
    """Start a helper such as git or ripgrep, with few variables. Blocking. Raises CommandFailed.

    `piped` gives it a standard input to write to, else it has none.
    """
    return start_launch(Launch(tuple(argv), program_environment(os.environ)), cwd, piped=piped)


def start_launch(launch: Launch, cwd: Path, *, piped: bool = False) -> Program:
    """Start a helper that was prepared. Blocking. Raises CommandFailed."""
    try:
        with _plainly(launch.argv, cwd):
            return subprocess.Popen(
                launch.argv,
                cwd=cwd,
                env=launch.environment,
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=launch.files,
                start_new_session=True,
            )
    finally:
        launch.close()


async def run_program(argv: Sequence[str], cwd: Path, timeout: float) -> Finished:
    """Run a helper to its end or its timeout. Raises CommandFailed. Cancelling ends it."""
    running: list[Program] = []
    cancelled = False

    def work() -> Finished:
        child = start_program(argv, cwd)
        running.append(child)
        if cancelled:
            signal_group(child.pid, kill=True)
        return finish_program(child, timeout)

    try:
        return await _spawners.run(work)
    except asyncio.CancelledError:
        cancelled = True
        for child in running:
            if child.poll() is None:
                signal_group(child.pid, kill=True)
        raise


def finish_program(child: Program, timeout: float, data: bytes | None = None) -> Finished:
    """Give a program its input and wait for its end. Blocking."""
    try:
        stdout, stderr = child.communicate(data, timeout)
        code: int | None = child.returncode
    except subprocess.TimeoutExpired:
        _end(child)
        stdout, stderr, code = b"", b"", None
        with suppress(subprocess.TimeoutExpired):  # a grandchild may still hold the output
            stdout, stderr = child.communicate(timeout=1)
    finally:
        discard_program(child)
    return Finished(code, stdout, stderr.decode("utf-8", "replace"))


class LocalShell:
    """Runs command lines on this machine.

    Each command has a process group of its own, no terminal and no input. When it has ended, what it left running
    in the background is ended too where it still holds the output; what redirected its output lives on.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        reading: Callable[[Sequence[str], Path], Launch] | None = None,
    ) -> None:
        """`environment` is what secrets are taken out of; by default the process's own. `reading` prepares
        a command that only reads, from its words and the folder it runs in."""
        self._environment = environment
        self._reading = reading
        self._running: set[Pump] = set()

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
        child, started = await self._start(command)
        try:
            await spawned(child.pid, started)
        except BaseException:
            _spawners.submit(lambda: discard_program(child))
            raise
        pump = Pump(child, command.timeout, output)
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
        return ShellResult(ending.exit_code, ending.output, ending.left_out, monotonic() - began)

    def runs(self, pid: int, started: float) -> bool:
        """Whether the process of this id is still the one that started then, in seconds since boot."""
        return process_alive(pid, started)

    def close(self) -> None:
        """End all that still runs, at once."""
        for pump in list(self._running):
            pump.kill()

    async def _start(self, command: Command) -> tuple[Program, float]:
        own = self._environment if self._environment is not None else os.environ

        def work() -> tuple[Program, float]:
            argv = (*_shell(), command.line)
            reading = self._reading if command.only_reads else None
            with _plainly(argv, command.cwd):
                launch = (
                    reading(argv, command.cwd)
                    if reading is not None
                    else Launch(argv, shell_environment(own))
                )
            child = _start_outliving(launch, command.cwd)
            return child, start_time(child.pid)

        starting = asyncio.ensure_future(_spawners.run(work))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_end_unwanted)
            raise


def _start_outliving(launch: Launch, cwd: Path) -> Program:
    """Start a command whose output is one pipe that it holds both ends of.

    So it may go on should Postil be killed: without a reader its next line would end it (SIGPIPE). What it
    prints from then on is read by nobody, and once the pipe is full it waits.
    """
    with _plainly(launch.argv, cwd), closing(launch):
        ours, its = os.pipe()
        _widen(its)
        try:
            child = subprocess.Popen(
                launch.argv,
                cwd=cwd,
                env=launch.environment,
                stdin=subprocess.DEVNULL,
                stdout=its,
                stderr=subprocess.STDOUT,
                pass_fds=(ours, *launch.files),
                start_new_session=True,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(its)
        child.stdout = os.fdopen(ours, "rb", 0)
        return child


def _widen(pipe: int) -> None:
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 (not on Windows)

        with suppress(OSError):  # A user has only so much of it; then the pipe stays as it is.
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


@contextmanager
def _plainly(argv: Sequence[str], cwd: Path) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CommandFailed(f"{Path(argv[0]).name} could not be started in {cwd}: {reason}.") from error


@lru_cache(maxsize=1)
def _shell() -> tuple[str, ...]:
    for path in ("/bin/bash", "/usr/bin/bash", shutil.which("bash") or ""):
        if path and Path(path).exists():
            return path, "--noprofile", "--norc", "-c"
    return "/bin/sh", "-c"


def _end(child: Program) -> None:
    if child.returncode is None:
        signal_group(child.pid, kill=True)
        child.wait()


def discard_program(child: Program) -> None:
    """End a process that nobody wants any more, and let go of it. Blocking, for a moment."""
    _end(child)
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with suppress(OSError):  # what was not written yet can no longer be
                pipe.close()


def _end_unwanted(starting: asyncio.Future[tuple[Program, float]]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        child, _ = starting.result()
        _spawners.submit(lambda: discard_program(child))
