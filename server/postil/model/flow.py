"""Reads a stream ahead of its reader, so that a rush of small pieces arrives as a few large ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from postil.model.assembly import Assembly, Taken
from postil.model.sse import EventParser

_REST = 0.05
"""Seconds for the stream's last bytes after its last event: a connection read to its end can be used again."""
_BREATH = 200
"""Events after which others on the loop get their turn."""


async def flow(chunks: AsyncGenerator[bytes], assembly: Assembly) -> AsyncGenerator[Taken]:
    """Feed the assembly from the bytes and yield what is there each time the stream has to be waited for."""
    news = asyncio.Event()
    task = asyncio.create_task(_read(chunks, assembly, news))
    task.add_done_callback(lambda _: news.set())
    try:
        while not task.done() and not assembly.done:
            await news.wait()
            news.clear()
            for piece in assembly.take():
                yield piece
        await asyncio.wait({task}, timeout=_REST)
        for piece in assembly.take():
            yield piece
        if task.done() and not assembly.done:
            await task  # raises what broke the stream
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # told already, or to nobody: the reader is gone


async def _read(chunks: AsyncGenerator[bytes], assembly: Assembly, news: asyncio.Event) -> None:
    parser = EventParser()
    count = 0
    async with aclosing(chunks):
        async for chunk in chunks:
            for event in parser.feed(chunk):
                assembly.feed(event)
                count += 1
            news.set()
            if count >= _BREATH:
                count = 0
                await asyncio.sleep(0)
