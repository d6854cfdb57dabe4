"""Connections for the HTTP library: a name is looked up once, judged, and what was judged is what is connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import cast

import httpcore2

from postil.core.errors import ToolError
from postil.core.ports.web import Reach

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses that a name stands for; raises OSError where there are none."""


class Refused(ToolError):
    """A name leads to an address that may not be reached."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Look the name up as the system does, away from the loop."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


async def judged(host: str, port: int, resolve: Resolve, reach: Reach) -> tuple[list[str], str]:
    """Return the addresses of a host that may be reached, and why not of one that may not. Raises as `resolve` does."""
    allowed: list[str] = []
    refused = ""
    for ip in await resolve(host, port):
        why = await reach.connect(host, ip)
        refused = refused or why
        if not why:
            allowed.append(ip)
    return allowed, refused


class Judged(httpcore2.AsyncNetworkBackend):
    """Connects to no address but one that was judged; there is no second look-up that could say another."""

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        self._plain = cast("httpcore2.AsyncNetworkBackend", cast("object", httpcore2.AnyIOBackend()))

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of the host's addresses that may be reached and answers."""
        try:
            allowed, refused = await judged(host, port, self._resolve, self._reach)
        except OSError as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from error
        if not allowed:
            raise Refused(_said(refused))
        for ip in allowed[:-1]:
            try:
                return await self._to(host, ip, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._to(host, allowed[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: no address of the network is a file."""
        del path, timeout, socket_options
        raise Refused("Only addresses of the network are fetched.")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _to(
        self,
        host: str,
        ip: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.AsyncNetworkStream:
        stream = await self._plain.connect_tcp(ip, port, timeout, local_address, socket_options)
        # A public address may be this very machine's, and nobody knows it before.
        if _end(stream, "client_addr") == _end(stream, "server_addr"):
            why = await self._reach.connect(host, ip, here=True)
            if why:
                await stream.aclose()
                raise Refused(_said(why))
        return stream


def _end(stream: httpcore2.AsyncNetworkStream, which: str) -> str:
    """Return the IP address of one end of a connection; where it is not told, both ends are the same, which is refused."""
    found: object = stream.get_extra_info(which)
    return str(cast("tuple[object, ...]", found)[0]) if isinstance(found, tuple) and found else ""


def _said(why: str) -> str:
    return f"It was not requested: {why}."
