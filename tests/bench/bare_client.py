"""A client that does nothing but send bytes and read the answer to its end: what a model call costs without us."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

_END = b"\r\n0\r\n\r\n"


def replay(url: str, bodies: Sequence[bytes]) -> list[float]:
    """Send the requests one after the other over one connection; return the seconds that each took. Blocking."""
    place = urlsplit(url)
    taken: list[float] = []
    with socket.create_connection((place.hostname or "", place.port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for body in bodies:
            start = time.perf_counter()
            connection.sendall(_head(place.netloc, len(body)) + body)
            _read_answer(connection)
            taken.append(time.perf_counter() - start)
    return taken


def _head(host: str, length: int) -> bytes:
    return (
        f"POST /v1/messages HTTP/1.1\r\nhost: {host}\r\nx-api-key: local\r\nanthropic-version: 2023-06-01\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(_END):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(f"the answer broke off: {received[-300:]!r}")
        received += piece
    if not received.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(f"not an answer: {received[:300]!r}")
