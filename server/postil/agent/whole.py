"""Work that is carried to its end, whoever stops waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


async def whole(work: Coroutine[Any, Any, _T]) -> _T:
    """Do the work. Where the caller is cancelled meanwhile, the cancellation goes on once the work is done."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(_look_at)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _look_at(task: asyncio.Future[Any]) -> None:
    """Take note of an error that nobody waits for any longer; whoever comes next meets its cause."""
    if not task.cancelled():
        task.exception()
