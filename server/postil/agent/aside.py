"""Work beside the loop that may never end: it is given up after a time, and then holds back nothing else.

Not in the loop's own threads: those are few, everything shares them, and a process waits for them before it ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
MOST = 8
"""Threads of one session at a time, with those that were given up: while all of them hang, everything else is late too."""


_Tasks = SimpleQueue[Callable[[], None] | None]
"""What one thread is to do next; None ends it."""


class Aside:
    """Runs functions in threads that end with the process, or once nobody has this any more; a few at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MOST)
        self._idle: list[_Tasks] = []
        weakref.finalize(self, _end, self._idle)

    async def run(self, work: Callable[[], T], longest: float) -> T:
        """Return what `work` returns; raises what it raises, and TimeoutError after `longest` seconds, waiting for a turn included."""
        async with asyncio.timeout(longest):
            await self._free.acquire()
            loop = asyncio.get_running_loop()
            done: asyncio.Future[T] = loop.create_future()
            tasks = self._idle.pop() if self._idle else _started()

            def settle(result: T | None, error: BaseException | None) -> None:
                self._free.release()
                self._idle.append(tasks)
                if done.cancelled():
                    return
                if error is not None:
                    done.set_exception(error)
                else:
                    done.set_result(result)  # pyright: ignore[reportArgumentType] - it is what `work` returned

            def follow() -> None:
                result, error = None, None
                try:
                    result = work()
                except BaseException as raised:  # noqa: BLE001 - it is raised where it is awaited
                    error = raised
                with suppress(RuntimeError):  # The loop has ended meanwhile.
                    loop.call_soon_threadsafe(settle, result, error)

            context = contextvars.copy_context()
            tasks.put(lambda: context.run(follow))
            return await done


def _started() -> _Tasks:
    """Return what a new thread is told through."""
    tasks: _Tasks = SimpleQueue()
    threading.Thread(target=_work, args=(tasks,), name="postil-aside", daemon=True).start()
    return tasks


def _work(tasks: _Tasks) -> None:
    while True:
        task = tasks.get()
        if task is None:
            return
        task()
        del task  # It may hold the last of what ends this thread.


def _end(idle: list[_Tasks]) -> None:
    for tasks in idle:
        tasks.put(None)
