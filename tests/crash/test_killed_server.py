"""Real processes are killed at random moments of a turn with edits and a command; each is resumed and held to account."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asking import desk
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


def tell(tally: Tally, record_property: Report) -> None:
    """Print the figures, for those who quote them."""
    record_property("kills", tally.kills)
    print(f"\nreal processes: {tally}")


@pytest.mark.timeout(280)
async def test_sixty_kills(tmp_path: Path, record_property: Report) -> None:
    tally = await kill_many(tmp_path, 60, seed=1)
    tell(tally, record_property)
    assert tally.kills >= 60


@pytest.mark.soak
@pytest.mark.timeout(0)
async def test_five_hundred_kills(tmp_path: Path, record_property: Report) -> None:
    tally = await kill_many(tmp_path, 500, seed=random.SystemRandom().randrange(10**6))
    tell(tally, record_property)
    assert tally.outcomes["shell: unknown"] > 0, "some of them fell into the command"
