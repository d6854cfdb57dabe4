"""Threads of the workspace's own, so that files are read while others wait for something slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """A few threads for what blocks; started when first needed."""

    def __init__(self, name: str, count: int) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=f"postil-{name}")

    async def run(self, work: Callable[[], T]) -> T:
        """Do the work in a thread. Cancelling abandons it; what has begun runs on unheard."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def finish(self, work: Callable[[], T]) -> T:
        """Do the work in a thread; when cancelled, wait for its end first, so that nothing goes on behind."""
        task = asyncio.ensure_future(self.run(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # said to nobody: the caller is gone
            raise

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Do the work in a thread, for callers that have no event loop."""
        return self._executor.submit(work)

    def close(self) -> None:
        """Let the threads end; what has begun is finished."""
        self._executor.shutdown(wait=False, cancel_futures=True)
