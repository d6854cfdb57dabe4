"""Servers before an editor, and runs of `postil ask`, are killed at random; each is resumed and held to account."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.support import killed_server, killed_work
from tests.support.asking import Desk, desk
from tests.support.counts import Counts
from tests.support.killing import Kills

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only /proc tells what a killed process left running"
)

Report = Callable[[str, object], None]
AT_ONCE = 2
UNLIMITED = '[limits]\nsession = "none"\nday = "none"\n'
"""A killed call counts in full, and here many are."""


_Tally = TypeVar("_Tally", bound=Kills)
One = Callable[[Desk, random.Random, _Tally], Awaitable[None]]
"""Kills one piece of work, and goes on with it to its end."""


async def kill_many(
    folder: Path, script: list[Any], one: One[_Tally], tally: _Tally, kills: int, seed: int
) -> None:
    """Kill pieces of work, two at a time, until there were so many kills."""

    async def worker(number: int) -> None:
        for count in itertools.count():
            if tally.kills >= kills:
                return
            place = folder / f"{number}-{count}"
            place.mkdir()
            async with desk(place, script, trusts=True) as desked:
                desked.settings(UNLIMITED)
                # Its own seed, so that one that fails can be run alone.
                await one(desked, random.Random(f"{seed} {number} {count}"), tally)

    async with asyncio.TaskGroup() as group:
        for number in range(AT_ONCE):
            group.create_task(worker(number))


@pytest.mark.counted
async def test_kills_of_a_server_before_an_editor(
    tmp_path: Path, counts: Counts, record_property: Report
) -> None:
    tally = killed_server.Tally()
    await kill_many(
        tmp_path, killed_server.SCRIPT, killed_server.one, tally, counts.server_kills, counts.seed
    )
    record_property("kills of the real server", tally.kills)
    print(f"\nservers: {tally}")
    assert tally.kills >= counts.server_kills
    assert tally.second > 0


async def test_what_is_wrong_would_be_found(tmp_path: Path) -> None:
    """Without a kill, and with one thing after another as no kill may leave it."""
    async with desk(tmp_path, killed_server.SCRIPT, trusts=True) as place:
        place.settings(UNLIMITED)
        case = killed_server.begin(place, random.Random(1))
        assert await killed_server.lived(case, None)
        await killed_server.check(case, killed_server.Tally())
        buffer = next(iter(case.person.buffers.values()))
        root = place.workspace
        with (
            pytest.raises(AssertionError, match="told is lost"),
            instead(case.person.told, 5, case.person.told[6]),
        ):
            await killed_server.check(case, killed_server.Tally())
        for text in (
            buffer.text[:-1],
            buffer.text.replace("10", "100").replace(" 1", " 10"),
            buffer.text * 2,
        ):
            with pytest.raises(AssertionError), instead(vars(buffer), "text", text):
                await killed_server.check(case, killed_server.Tally())
        for name, data in (
            ("log", b"line\nline\n"),
            ("closed.txt", b"caf"),
            ("old.txt", b""),
            ("new/c.txt", b"c"),
        ):
            with pytest.raises(AssertionError), written(root / name, data):
                await killed_server.check(case, killed_server.Tally())
        await killed_server.check(case, killed_server.Tally())


@contextmanager
def instead(values: dict[Any, Any], key: Any, value: Any) -> Generator[None]:
    """Have another value under a key for a while."""
    old, values[key] = values[key], value
    try:
        yield
    finally:
        values[key] = old


@contextmanager
def written(path: Path, data: bytes) -> Generator[None]:
    """Have other bytes in a file for a while."""
    old = path.read_bytes() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        yield
    finally:
        path.unlink()
        if old is not None:
            path.write_bytes(old)


@pytest.mark.counted
async def test_kills_of_ask(tmp_path: Path, counts: Counts, record_property: Report) -> None:
    tally = killed_work.Tally()
    await kill_many(tmp_path, killed_work.SCRIPT, killed_work.one, tally, counts.ask_kills, counts.seed)
    record_property("kills of `postil ask`", tally.kills)
    print(f"\nruns of `postil ask`: {tally}")
    assert tally.kills >= counts.ask_kills
