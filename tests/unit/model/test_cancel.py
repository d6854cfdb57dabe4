"""Cancelling a model call ends it on the wire at once, wherever it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from postil.core.ports import Begun, TextPiece
from tests.unit.model.talk import Talk, talking


async def _until_gone(talk: Talk) -> None:
    """Wait until the server has seen the client leave; the test's time limit is the only clock."""
    await talk.server.until(lambda server: server.open == 0)
    assert talk.server.requests[0].outcome == "left"


@pytest.mark.parametrize(
    "reply", [{"text": "never", "delay": {"first": 3600}}, {"text": "abcdef", "chunk": 1, "stall": 0}]
)
async def test_before_the_first_word(reply: dict[str, Any]) -> None:
    async with talking([reply]) as talk:
        task = asyncio.create_task(talk.pieces())
        await talk.server.until(lambda server: server.open == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _until_gone(talk)


async def test_between_words() -> None:
    async with talking([{"text": "abcdef", "chunk": 1, "stall": 3}, "Again."]) as talk:
        heard = asyncio.Event()

        async def listen() -> None:
            async for piece in talk.model.stream(talk.request("Hello")):
                if isinstance(piece, TextPiece):
                    heard.set()

        task = asyncio.create_task(listen())
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _until_gone(talk)
        assert (await talk.reply()).message.text == "Again."


async def test_closing_the_iterator() -> None:
    async with talking([{"text": "abcdef", "chunk": 1, "stall": 3}]) as talk:
        stream = talk.model.stream(talk.request("Hello"))
        assert isinstance(await anext(stream), Begun)
        assert isinstance(await anext(stream), TextPiece)
        await stream.aclose()
        await _until_gone(talk)


async def test_while_waiting_for_the_next_try() -> None:
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with talking([{"error": {"status": 529}}, "Never."], sleep=sleep) as talk:
        task = asyncio.create_task(talk.pieces())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert talk.server.received == 1


async def test_nothing_is_left_running() -> None:
    before = asyncio.all_tasks()
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with talking([{"text": "abcdef", "chunk": 1, "stall": 3}]) as talk:
        task = asyncio.create_task(talk.pieces())
        await talk.server.until(lambda server: server.open == 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await _until_gone(talk)
    assert asyncio.all_tasks() == before
    assert complaints == []
