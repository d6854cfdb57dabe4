"""Sub-agents beside each other: readers together, a writer alone, first come, first served, and nobody is forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from postil.agent.delegating.lane import Lane, writes
from postil.core.effects import Access, Added, Command, FileEdit

READS = Access(reads=(Path("/w/a"),))
EDITS = Access(edits=(FileEdit(Path("/w/a"), "h", "x"),))
COMMAND = Access(command=Command("make", Path("/w"), 1.0))
NOTHING = Access(subagent=("explore", "Look."))


@pytest.mark.parametrize(
    ("access", "only_reads", "want"),
    [
        (READS, False, False), (EDITS, False, True), (EDITS, True, True), (COMMAND, False, True), (COMMAND, True, False),
        (NOTHING, False, False), (Access(open_world=True), False, True), (Access(saves=(Path("/w/a"),)), False, True),
        (Access(added=Added("plugin", "a/b")), True, True), (Access(hosts=("a",)), False, False),
    ],
)  # fmt: skip
def test_who_writes(access: Access, only_reads: bool, want: bool) -> None:
    assert writes(access, only_reads=only_reads) is want


class Runs:
    """Takes the lane under a name, and leaves it when it is told to."""

    def __init__(self) -> None:
        self.lane = Lane()
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    async def enter(self, name: str, access: Access) -> None:
        async def run() -> None:
            async with self.lane.taken(access, only_reads=False):
                self.inside.append(name)
                await self._leave[name].wait()
                self.inside.remove(name)

        self._leave[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(run())
        await self.settle()

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await self.tasks[name]
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def end(self) -> None:
        for event in self._leave.values():
            event.set()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_readers_share_a_writer_waits_and_goes_before_those_that_came_later() -> None:
    runs = Runs()
    await runs.enter("r1", READS)
    await runs.enter("r2", READS)
    await runs.enter("w", EDITS)
    await runs.enter("r3", READS)
    await runs.enter("none", NOTHING)
    assert runs.inside == ["r1", "r2", "none"]
    await runs.leave("r1")
    assert "w" not in runs.inside
    await runs.leave("r2")
    assert runs.inside == ["none", "w"]
    await runs.leave("w")
    assert runs.inside == ["none", "r3"]
    await runs.end()


async def test_one_that_gives_up_waiting_lets_the_next_in() -> None:
    runs = Runs()
    await runs.enter("r1", READS)
    await runs.enter("w", COMMAND)
    await runs.enter("r2", READS)
    runs.tasks["w"].cancel()
    await runs.settle()
    assert runs.inside == ["r1", "r2"]
    await runs.leave("r1")
    await runs.leave("r2")
    await runs.enter("w2", EDITS)
    assert runs.inside == ["w2"]
    await runs.end()


async def test_one_that_is_stopped_in_the_moment_of_its_turn_gives_it_on() -> None:
    runs = Runs()
    await runs.enter("w1", EDITS)
    await runs.enter("w2", EDITS)
    await runs.enter("w3", EDITS)
    runs._leave["w1"].set()
    await asyncio.sleep(0)  # w1 leaves, and the lane is w2's, which has not run yet
    runs.tasks["w2"].cancel()
    await runs.settle()
    assert runs.inside == ["w3"]
    await runs.end()
