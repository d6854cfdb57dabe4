"""Runs hooks: a command line with an input, two outputs of bounded length, a time limit, and a process group that ends with it."""

from __future__ import annotations

import asyncio
import os
import selectors
import shlex
import threading
from contextlib import suppress
from time import monotonic
from typing import IO

from postil.core.effects import Command
from postil.core.hooks import MOST_HOOK_OUTPUT, HookOutput, HookRun
from postil.workspace.commands.local_shell import Preparing, interpreter
from postil.workspace.commands.processes import has_ended, signal_group
from postil.workspace.commands.shell import Program, plainly, start_launch
from postil.workspace.sandbox.guarding import Around
from postil.workspace.threads import Threads

_TICK = 0.02
_PIECE = 65536
_HELD = 0.25
"""Seconds that output may still come after the command itself has ended."""
_AS_WRITTEN = "a hook of a person's runs as they wrote it"

_threads = Threads("hooks", 8)


class LocalHookRunner:
    """Runs hooks on this machine. What one leaves running in its group is ended with it."""

    def __init__(self, ways: Preparing) -> None:
        """`ways` prepares commands as they were allowed."""
        self._ways = ways

    async def run(self, run: HookRun, data: bytes) -> HookOutput:
        """Give a hook its input and return how it ended. Cancelling ends it. Raises CommandFailed where it cannot be started."""
        unwanted = threading.Event()
        task = asyncio.ensure_future(_threads.run(lambda: self._run(run, data, unwanted)))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            unwanted.set()
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # said to nobody: the caller is gone
            raise

    def _run(self, run: HookRun, data: bytes, unwanted: threading.Event) -> HookOutput:
        began = monotonic()
        variables = "".join(f"export {name}={shlex.quote(value)}; " for name, value in run.variables)
        argv = (*interpreter(), variables + run.line)
        outside = "" if run.confined else _AS_WRITTEN
        with plainly(argv, run.cwd):
            prepared = self._ways.prepare(argv, Command(run.line, run.cwd, run.seconds, outside=outside))
        try:
            child = start_launch(prepared.launch, run.cwd, piped=True)
        except BaseException:
            prepared.around.ended("", None)
            raise
        prepared.around.started(child.pid)
        follow = _Following(child, data, began + run.seconds, prepared.around, unwanted)
        try:
            follow.to_the_end()
        finally:
            code = follow.end()
            stdout, stderr = follow.text(child.stdout), follow.text(child.stderr)
            prepared.around.ended(stdout + stderr, code)
        return HookOutput(
            None if follow.ended_for else code, stdout, stderr, monotonic() - began, follow.ended_for
        )


class _Following:
    """One hook while it runs. Blocking."""

    def __init__(
        self, child: Program, data: bytes, until: float, around: Around, unwanted: threading.Event
    ) -> None:
        self._child = child
        self._left = memoryview(data)
        self._until = until
        self._around = around
        self._unwanted = unwanted
        self._printed: dict[IO[bytes] | None, bytearray] = {
            child.stdout: bytearray(),
            child.stderr: bytearray(),
        }
        self.ended_for = ""

    def to_the_end(self) -> None:
        """Write its input, read its output, and keep its time."""
        ended_at: float | None = None
        with selectors.DefaultSelector() as ready:
            for pipe, event in self._pipes():
                os.set_blocking(pipe.fileno(), False)
                ready.register(pipe, event)
            while self._outputs(ready) and not self._must_end():
                for key, _ in ready.select(_TICK):
                    self._serve(ready, key.fileobj)
                now = monotonic()
                if ended_at is None and has_ended(self._child.pid):
                    ended_at = now
                if ended_at is not None and now > ended_at + _HELD:
                    return  # what it left in the background holds its output
            while not self.ended_for and not has_ended(self._child.pid) and not self._must_end():
                self._unwanted.wait(_TICK)

    def end(self) -> int:
        """End whatever is left of its group, and return its exit status."""
        signal_group(self._child.pid, kill=True)
        code = self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return 128 - code if code < 0 else code

    def text(self, pipe: IO[bytes] | None) -> str:
        """Return what it printed there."""
        return bytes(self._printed[pipe]).decode("utf-8", "replace")

    def _pipes(self) -> list[tuple[IO[bytes], int]]:
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        return [
            (child.stdin, selectors.EVENT_WRITE),
            (child.stdout, selectors.EVENT_READ),
            (child.stderr, selectors.EVENT_READ),
        ]

    def _outputs(self, ready: selectors.BaseSelector) -> bool:
        return any(it.fileobj is not self._child.stdin for it in ready.get_map().values())

    def _serve(self, ready: selectors.BaseSelector, pipe: object) -> None:
        if pipe is self._child.stdin and self._child.stdin is not None:
            if not self._write(self._child.stdin):
                ready.unregister(self._child.stdin)
                with suppress(OSError):
                    self._child.stdin.close()
            return
        source = self._child.stdout if pipe is self._child.stdout else self._child.stderr
        assert source is not None
        piece = os.read(source.fileno(), _PIECE)
        if piece:
            self._printed[source] += piece
        else:
            ready.unregister(source)

    def _write(self, pipe: IO[bytes]) -> bool:
        """Write what there is room for; return whether there is more to write. One that reads nothing is not waited for."""
        try:
            self._left = self._left[os.write(pipe.fileno(), self._left[:_PIECE]) :]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return len(self._left) > 0

    def _must_end(self) -> bool:
        if self._unwanted.is_set():
            self.ended_for = "nobody waits for it any more"
        elif monotonic() > self._until:
            self.ended_for = "it took too long"
        elif any(len(it) > MOST_HOOK_OUTPUT for it in self._printed.values()):
            self.ended_for = f"it printed more than {MOST_HOOK_OUTPUT:,} bytes"
        elif self._around.trespasses():
            self.ended_for = "it touched what is protected"
        return bool(self.ended_for)
