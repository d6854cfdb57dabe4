"""Child processes: the only place that starts one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from postil.core.errors import CommandFailed
from postil.workspace.commands.environment import program_environment
from postil.workspace.commands.processes import signal_group
from postil.workspace.sandbox.mechanism import Launch
from postil.workspace.threads import Threads

Program = subprocess.Popen[bytes]
"""A running child, for those who may not name what starts one."""

_PIPE_SIZE = 1 << 20
spawners = Threads("spawn", 4)
"""The threads that start processes."""


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
        with plainly(launch.argv, cwd):
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
        return await spawners.run(work)
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


def start_outliving(launch: Launch, cwd: Path) -> Program:
    """Start a command whose output is one pipe that it holds both ends of.

    So it may go on should Postil be killed: without a reader its next line would end it (SIGPIPE). What it
    prints from then on is read by nobody, and once the pipe is full it waits. Raises OSError, ValueError.
    """
    with closing(launch):
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
def plainly(argv: Sequence[str], cwd: Path) -> Generator[None]:
    """Say as CommandFailed why something could not be started."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CommandFailed(f"{Path(argv[0]).name} could not be started in {cwd}: {reason}.") from error


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
