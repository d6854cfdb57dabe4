"""stdin and stdout as a stream of JSON-RPC messages, one a line, each read and written in a thread of its own.

The descriptors are claimed: whatever else prints lands on stderr, and what a child inherits is no part of the stream. A line that
is no message is answered as the specification has it, and ends nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import queue
import threading
from typing import Any, BinaryIO, cast

log = logging.getLogger(__name__)

LONGEST = 64 * 1024 * 1024
"""Bytes of the longest line that is read."""
_WAITING = 1_000
"""Messages that wait for a busy loop before the reader stops reading."""
_NOT_JSON = (-32700, "This line is not JSON.")
_NO_MESSAGE = (-32600, "This is not a JSON-RPC message.")
_NO_BATCH = (-32600, "Batches are not taken: send one message a line.")

Message = dict[str, Any]
_Outgoing = tuple[bytes, asyncio.Future[None]]


class Stdio:
    """The transport that the protocol's library talks through."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._loop = asyncio.get_running_loop()
        self._incoming: asyncio.Queue[Message | None] = asyncio.Queue()
        self._room = threading.Semaphore(_WAITING)
        self._outgoing: queue.SimpleQueue[_Outgoing | None] = queue.SimpleQueue()
        self._source, self._sink = source, sink
        self._closed = False
        threading.Thread(target=self._read, name="postil-acp-reader", daemon=True).start()
        self._writer = threading.Thread(target=self._write, name="postil-acp-writer", daemon=True)
        self._writer.start()

    @staticmethod
    def claim() -> Stdio:
        """Take this process's stdin and stdout; from now on `print` goes to stderr."""
        source, sink = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return Stdio(os.fdopen(source, "rb"), os.fdopen(sink, "wb", buffering=0))

    async def send(self, message: Message) -> None:
        """Return when the message is written. Raises ConnectionError where nobody reads any more."""
        if self._closed:
            raise ConnectionError("The client is gone.")
        line = json.dumps(message, separators=(",", ":"), default=str).encode() + b"\n"
        written = self._loop.create_future()
        self._outgoing.put((line, written))
        await written

    async def receive(self) -> Message | None:
        """Return the next message; None at the end of stdin."""
        message = await self._incoming.get()
        self._room.release()
        return message

    async def close(self) -> None:
        """Write what waits, and nothing more."""
        if not self._closed:
            self._closed = True
            self._outgoing.put(None)
            await asyncio.to_thread(self._writer.join, 1.0)

    def _read(self) -> None:
        try:
            while line := self._source.readline(LONGEST):
                if line.strip():
                    self._take(line)
        except (OSError, ValueError) as error:
            log.info("stdin cannot be read any more: %s", error)
        self._hand_on(None)

    def _take(self, line: bytes) -> None:
        try:
            found: object = json.loads(line)
        except ValueError:
            return self._refuse(*_NOT_JSON)
        if isinstance(found, list):
            return self._refuse(*_NO_BATCH)
        if not isinstance(found, dict):
            return self._refuse(*_NO_MESSAGE)
        message = cast("Message", found)
        if "method" in message and not isinstance(message["method"], str):
            return self._refuse(*_NO_MESSAGE, message.get("id"))
        self._room.acquire()
        return self._hand_on(message)

    def _refuse(self, code: int, words: str, about: object = None) -> None:
        answer: Message = {"jsonrpc": "2.0", "id": about, "error": {"code": code, "message": words}}

        def reply() -> None:
            if not self._closed:
                line = json.dumps(answer, separators=(",", ":")).encode() + b"\n"
                self._outgoing.put((line, self._loop.create_future()))

        self._on_loop(reply)

    def _hand_on(self, message: Message | None) -> None:
        self._on_loop(lambda: self._incoming.put_nowait(message))

    def _on_loop(self, work: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:
            log.debug("the loop is closed")

    def _write(self) -> None:
        broken: OSError | None = None
        while (item := self._outgoing.get()) is not None:
            line, written = item
            if broken is None:
                try:
                    _write_all(self._sink, line)
                except OSError as error:
                    broken = error
            self._on_loop(lambda written=written, broken=broken: _settle(written, broken))


def _write_all(sink: BinaryIO, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[sink.write(rest) :]


def _settle(written: asyncio.Future[None], broken: OSError | None) -> None:
    if written.done():
        return
    if broken is None:
        written.set_result(None)
    else:
        written.set_exception(ConnectionError(f"The client is gone: {broken.strerror}."))
        written.exception()  # nobody may be waiting for it
