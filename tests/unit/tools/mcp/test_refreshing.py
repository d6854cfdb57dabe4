"""A server that says again and again that its list has changed is looked at once at a time, and not more often than a pause allows."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from postil.config.server_options import ServerOptions, WrittenServer
from postil.tools.mcp.connection import Connection
from postil.tools.mcp.listed import ListedTool, Refused
from postil.tools.mcp.tool import added_tools
from tests.support.served import command, place, written


class Pauses:
    """Each pause lasts until the test ends it."""

    def __init__(self) -> None:
        self.begun = 0
        self.changed = asyncio.Condition()
        self.ended = 0

    async def __call__(self) -> None:
        async with self.changed:
            self.begun += 1
            mine = self.begun
            self.changed.notify_all()
            await self.changed.wait_for(lambda: self.ended >= mine)

    async def until(self, begun: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: self.begun >= begun)

    async def end(self) -> None:
        async with self.changed:
            self.ended += 1
            self.changed.notify_all()


async def test_two_hundred_changes_are_two_looks(tmp_path: Path) -> None:
    pauses, told, ready = Pauses(), list[Sequence[ListedTool]](), asyncio.Event()

    def tell(listed: Sequence[ListedTool]) -> None:
        told.append(listed)
        ready.set()

    options = ServerOptions(command=command(changing=True))
    connection = Connection(WrittenServer("box", options, "user", "s.toml"), tmp_path, tell, pauses)
    running = asyncio.ensure_future(connection.run())
    try:
        await ready.wait()
        while (await _lists(connection)) is None:  # noqa: ASYNC110 - it follows once it has listed
            await asyncio.sleep(0)
        await connection.call("flurry", {"changes": 1})
        await pauses.until(1)
        await connection.call("flurry", {"changes": 200})
        assert (pauses.begun, await _lists(connection)) == (1, 2), "nothing is looked at in a pause"
        await pauses.end()
        await pauses.until(2)
        await pauses.end()
        assert await _lists(connection) == 3
        assert [_grown(it) for it in told] == [None, "Came as number 0.", "Came as number 199."]
        await connection.call("flurry", {"changes": 200})
        await pauses.until(3)
        assert len(told) == 3, "a list that is the same is nothing new"
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _lists(connection: Connection) -> int | None:
    try:
        return int((await connection.call("lists", {})).text)
    except Refused:
        return None


def _grown(listed: Sequence[ListedTool]) -> str | None:
    return next((it.description for it in listed if it.name == "grown"), None)


async def test_what_it_lists_is_made_into_tools_away_from_the_sessions_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def noted(*given: object) -> object:
        threads.append(threading.get_ident())
        return added_tools(*given)  # type: ignore[arg-type] - it is handed on as it comes

    monkeypatch.setattr("postil.tools.mcp.server.added_tools", noted)
    async with place(tmp_path, written("box", special=True)) as here:
        await here.call("mcp__box__grow")
        await here.until(lambda: len(threads) >= 2)
    assert threading.get_ident() not in threads
