"""Looking at what is open, once at a time: whatever changes meanwhile is looked at when that look has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from postil.core.errors import PostilError

log = logging.getLogger(__name__)


class Looking:
    """Looks whenever it is told to. A look that fails is logged, and the next one is made all the same."""

    def __init__(self, what: str, look: Callable[[], Awaitable[None]]) -> None:
        """`what` is looked at by `look`, in words for the log."""
        self._what = what
        self._look = look
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def again(self) -> None:
        """Look, now or after the look that is under way."""
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def settled(self) -> None:
        """Return when nothing is left to look at that was there when this was called."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._again:
            self._again = False
            try:
                await self._look()
            except PostilError as error:
                log.info("%s: not looked at: %s", self._what, error)
            except Exception:
                log.exception("%s: not looked at", self._what)
