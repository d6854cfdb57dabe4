"""A web server on loopback that answers what a test lays down, byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG = b""
"""An answer that never comes."""


def answer(
    body: str | bytes = b"", content_type: str = "text/plain", status: str = "200 OK", **headers: str
) -> bytes:
    """Return a whole answer; `content_encoding="gzip"` is a header."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return an answer that leads elsewhere."""
    return answer(status=status, Location=location)


@dataclass
class WebServer:
    """What it answers by target, and what it was asked."""

    port: int
    answers: dict[str, bytes]
    requests: list[str] = field(default_factory=list[str])
    """The first lines, as they came."""
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether somebody who waited has let go of the connection."""

    def url(self, path: str, host: str = "localhost") -> str:
        """Return an address of it."""
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            self.requests.append(head[0])
            self.headers.append(
                {name.lower(): value for name, _, value in (it.partition(": ") for it in head[1:] if it)}
            )
            self.asked.set()
            given = self.answers.get(head[0].split()[1], answer("nothing here", status="404 Not Found"))
            if given == HANG:
                await reader.read()
                self.gone.set()
            writer.write(given)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def web_server(answers: Mapping[str, bytes] | None = None) -> AsyncGenerator[WebServer]:
    """Serve on a port of the system's choice."""
    served = WebServer(0, dict(answers or {}))
    listening = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield served
