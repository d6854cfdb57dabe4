"""Model names with a slash, as servers of the user's own have them: asked for as one name, and no answer is no error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from postil.core.ports import ModelLimits
from postil.model import catalog
from tests.unit.model.talk import talking

NAME = "qwen/qwen3-coder"
ASKED = b"GET /v1/models/qwen%2Fqwen3-coder "


@asynccontextmanager
async def answering(answer: bytes) -> AsyncGenerator[tuple[str, list[bytes]]]:
    """Serve one answer to everything; yields the address, and the first lines of what was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def http(status: str, body: bytes, kind: str = "application/json") -> bytes:
    """Return an answer after which the connection is closed."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


async def test_a_server_that_knows_the_name_says_its_limits() -> None:
    models = [{"id": NAME, "context": 9_000, "output": 2_000}]
    async with talking({"models": models, "replies": [{"text": "Hi.", "times": "any"}]}) as talk:
        assert await talk.model.limits(NAME) == ModelLimits(9_000, 2_000)
        request = replace(talk.request("Hello", model=NAME), max_tokens=4_000)
        assert [piece async for piece in talk.model.stream(request)]
        assert [it.body["max_tokens"] for it in talk.server.requests] == [2_000]


@pytest.mark.parametrize(
    "answer",
    [
        http("404 Not Found", b'{"detail":"Not Found"}'),
        http("404 Not Found", b"404 page not found", "text/plain"),
        http("400 Bad Request", b"<h1>Bad Request</h1>", "text/html"),
        http("405 Method Not Allowed", b""),
        http("200 OK", b"<h1>Welcome</h1>", "text/html"),
        http("200 OK", b"[]"),
        http("200 OK", b'{"id":"qwen/qwen3-coder","object":"model","max_tokens":"many"}'),
    ],
    ids=lambda answer: answer.partition(b"\r\n\r\n")[2].decode() or "nothing",
)
async def test_where_the_server_has_no_answer_the_table_has(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with answering(answer) as (url, asked), talking([], base_url=url) as talk:
        assert await talk.model.limits(NAME) == catalog.entry(NAME).limits
    assert [line[: len(ASKED)] for line in asked] == [ASKED]
    assert [it for it in caplog.records if it.name.startswith("postil")] == []
