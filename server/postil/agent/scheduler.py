"""Calls like readers and writers: readers together, a writer alone, doubt means writer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from postil.core.state import CallState

AT_ONCE = 8
"""Readers that run at the same time where settings say nothing."""


def groups(calls: Iterable[CallState], shares: Callable[[str], bool]) -> list[list[CallState]]:
    """Cut the calls, in the order asked, into groups that run one after another.

    Neighbours that share run together; every other call is a group of its own, a barrier to both sides.
    """
    cut: list[list[CallState]] = []
    sharing = False
    for call in calls:
        if shares(call.call.name) and sharing:
            cut[-1].append(call)
        else:
            cut.append([call])
        sharing = shares(call.call.name)
    return cut


async def run(
    calls: Sequence[CallState],
    shares: Callable[[str], bool],
    invoke: Callable[[CallState], Awaitable[None]],
    at_once: int = AT_ONCE,
) -> None:
    """Run every call to its end. A reader that fails does not stop the others; `invoke` raises only what
    must stop the turn, and then the rest of its group is cancelled."""
    for group in groups(calls, shares):
        if len(group) == 1:
            await invoke(group[0])
        else:
            await _together(group, invoke, at_once)


async def _together(
    group: Sequence[CallState], invoke: Callable[[CallState], Awaitable[None]], at_once: int
) -> None:
    places = asyncio.Semaphore(at_once)

    async def one(call: CallState) -> None:
        async with places:
            await invoke(call)

    try:
        async with asyncio.TaskGroup() as tasks:
            for call in group:
                tasks.create_task(one(call))
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
