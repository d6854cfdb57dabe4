"""Calls like readers and writers: readers together, sub-agents together, a writer alone, doubt means writer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from postil.core.state import CallState
from postil.tools.registry import READERS

AT_ONCE = 8
"""Readers that run at the same time where settings say nothing."""


def groups(calls: Iterable[CallState], beside: Callable[[str], str]) -> list[list[CallState]]:
    """Cut the calls, in the order asked, into groups that run one after another.

    Neighbours for which `beside` has the same word run together; every other call is a group of its own, a barrier to both sides.
    """
    cut: list[list[CallState]] = []
    last = ""
    for call in calls:
        word = beside(call.call.name)
        if word and word == last:
            cut[-1].append(call)
        else:
            cut.append([call])
        last = word
    return cut


async def run(
    calls: Sequence[CallState],
    beside: Callable[[str], str],
    invoke: Callable[[CallState], Awaitable[None]],
    at_once: int = AT_ONCE,
) -> None:
    """Run every call to its end. A reader that fails does not stop the others; `invoke` raises only what
    must stop the turn, and then the rest of its group is cancelled. `at_once` is how many readers run together."""
    for group in groups(calls, beside):
        if len(group) == 1:
            await invoke(group[0])
        else:
            readers = beside(group[0].call.name) == READERS
            await _together(group, invoke, at_once if readers else AT_ONCE)


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
