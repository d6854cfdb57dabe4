"""Work beside the loop that may never end: it is given up after a time, and then holds back nothing else.

Not in the loop's own threads: those are few, everything shares them, and a process waits for them before it ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
MOST = 8
"""Threads of one session at a time, with those that were given up: while all of them hang, everything else is late too."""


class Aside:
    """Runs functions in threads that end with the process, a few at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MOST)

    async def run(self, work: Callable[[], T], longest: float) -> T:
        """Return what `work` returns; raises what it raises, and TimeoutError after `longest` seconds, waiting for a turn included."""
        async with asyncio.timeout(longest):
            await self._free.acquire()
            loop = asyncio.get_running_loop()
            done: asyncio.Future[T] = loop.create_future()

            def settle(result: T | None, error: BaseException | None) -> None:
                self._free.release()
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
            threading.Thread(target=context.run, args=(follow,), name="postil-aside", daemon=True).start()
            return await done
