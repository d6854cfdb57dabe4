"""What sub-agents that work beside each other do to the world: readers together, a writer alone, doubt means writer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from postil.core.effects import Access


class Lane:
    """One for the sub-agents of a turn and for theirs, first come, first served.

    It is held while an invocation runs, and never while a person is waited for.
    """

    def __init__(self) -> None:
        self._readers = 0
        self._writing = False
        self._queue: deque[tuple[bool, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def taken(self, access: Access, *, only_reads: bool) -> AsyncGenerator[None]:
        """Hold it as the access needs it. What touches nothing waits for nobody; nor does a sub-agent, whose own calls do."""
        writer = writes(access, only_reads=only_reads)
        if not writer and not access.reads and access.command is None:
            yield
            return
        await self._enter(writer=writer)
        try:
            yield
        finally:
            self._leave(writer=writer)

    async def _enter(self, *, writer: bool) -> None:
        if not self._queue and self._is_free(writer=writer):
            self._take(writer=writer)
            return
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = (writer, given)
        self._queue.append(waiting)
        try:
            await given
        except asyncio.CancelledError:
            if waiting in self._queue:
                self._queue.remove(waiting)
                self._admit()
            else:
                self._leave(writer=writer)  # it was given in this very moment
            raise

    def _leave(self, *, writer: bool) -> None:
        if writer:
            self._writing = False
        else:
            self._readers -= 1
        self._admit()

    def _admit(self) -> None:
        while self._queue and self._is_free(writer=self._queue[0][0]):
            writer, given = self._queue.popleft()
            self._take(writer=writer)
            if given.cancelled():
                continue  # whoever waited gives it back
            given.set_result(None)

    def _take(self, *, writer: bool) -> None:
        self._writing = writer
        self._readers += not writer

    def _is_free(self, *, writer: bool) -> bool:
        return not self._writing and (not writer or not self._readers)


def writes(access: Access, *, only_reads: bool) -> bool:
    """Whether an invocation may change what others read."""
    if access.command is not None:
        return not only_reads
    return bool(access.edits or access.saves or access.open_world or access.added is not None)
