"""Real processes are killed at random moments of a turn with edits and a command; each is resumed and held to account."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asking import desk
from tests.support.counts import Counts
from tests.support.killed_work import SCRIPT, Tally, one

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only /proc tells what a killed process left running"
)

Report = Callable[[str, object], None]
AT_ONCE = 2


async def kill_many(folder: Path, kills: int, seed: int) -> Tally:
    """Kill so many runs at random moments, two at a time."""
    tally = Tally()
    chances = [random.Random(seed * 1_000 + number) for number in range(AT_ONCE)]

    async def worker(number: int) -> None:
        count = 0
        while tally.kills < kills:
            count += 1
            place = folder / f"{number}-{count}"
            place.mkdir()
            async with desk(place, SCRIPT) as desked:
                await one(desked, chances[number], tally)

    async with asyncio.TaskGroup() as group:
        for number in range(AT_ONCE):
            group.create_task(worker(number))
    return tally


@pytest.mark.counted
async def test_kills(tmp_path: Path, counts: Counts, record_property: Report) -> None:
    tally = await kill_many(tmp_path, counts.server_kills, counts.seed)
    record_property("kills of the real process", tally.kills)
    print(f"\nreal processes: {tally}")
    assert tally.kills >= counts.server_kills
    assert tally.second > 0
