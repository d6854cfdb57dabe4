"""As much of HTTP/1.1 as a Messages API needs, over asyncio streams."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
_BATCH = 64 * 1024


class Left(Exception):
    """The client closed the connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class Connection:
    """One client's connection: requests come in, answers go out, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: list[bytes] = []
        self._size = 0
        self._watch: asyncio.Task[bytes] | None = None

    async def next(self) -> Asked | None:
        """Return the next request, or None where the client is done."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, *lines = head[:-4].decode("latin-1").split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            body = await self._body(headers)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            return None
        return Asked(method, path.partition("?")[0], headers, body)

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self._reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int((await self._reader.readline()).split(b";")[0], 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()
        return body

    async def answer(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        """Send a whole answer of JSON."""
        body = json.dumps(data, ensure_ascii=False).encode()
        self._begin(
            status, {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
        )
        self._waiting.append(body)
        await self.flush()

    def begin_stream(self, headers: dict[str, str]) -> None:
        """Begin an answer of events."""
        self._begin(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked", **headers})

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Scripted')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._waiting.append("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def send(self, frame: bytes) -> None:
        """Send a piece of a stream; small pieces travel together until `flush`."""
        self._waiting += (b"%x\r\n" % len(frame), frame, b"\r\n")
        self._size += len(frame)
        if self._size > _BATCH:
            await self.flush()

    async def end_stream(self) -> None:
        """End the stream in good order."""
        self._waiting.append(b"0\r\n\r\n")
        await self.flush()

    async def flush(self) -> None:
        """Hand everything to the socket."""
        if self._waiting:
            self._writer.write(b"".join(self._waiting))
            self._waiting.clear()
            self._size = 0
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise Left from error

    async def wait(self, seconds: float | None) -> None:
        """Wait, and raise Left as soon as the client goes; None waits for just that."""
        # Clients do not send before they have their answer: bytes here can only be the end.
        self._watch = self._watch or asyncio.create_task(self._reader.read(1))
        done, _ = await asyncio.wait({self._watch}, timeout=seconds)
        if done:
            raise Left

    async def settle(self) -> None:
        """Stop watching for the client's end, so that the next request can be read."""
        if self._watch is None:
            return
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await self._watch
        self._watch = None

    def drop(self) -> None:
        """Break the connection."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection."""
        await self.settle()
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
