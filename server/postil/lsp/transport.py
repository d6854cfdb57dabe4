"""The two threads between the pipes and the event loop, and the claim on stdin and stdout that keeps both for frames."""

import asyncio
import contextlib
import logging
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from postil.lsp.framing import FrameParser

logger = logging.getLogger(__name__)

_CHUNK: Final = 64 * 1024
# A publisher should pause above the first mark and may go on below the second; above the limit, notifications are dropped.
HIGH_WATER: Final = 1024 * 1024
LOW_WATER: Final = 256 * 1024
LIMIT: Final = 32 * 1024 * 1024
# So many bytes may wait for a busy loop before the reader stops reading.
_UNHANDLED_LIMIT: Final = 64 * 1024 * 1024
# How long one turn of the event loop hands over messages before others get their turn.
_TURN_SECONDS: Final = 0.005

Deliver = Callable[[Any], None]


class Inbox:
    """What the reader thread has parsed and the event loop has not handled; frames may arrive before there is a loop."""

    def __init__(self) -> None:
        self._items: deque[tuple[Any, int]] = deque()
        self._ended = False
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deliver: Deliver | None = None
        self._on_end: Callable[[], None] | None = None
        self._scheduled = False

    def attach(self, loop: asyncio.AbstractEventLoop, deliver: Deliver, on_end: Callable[[], None]) -> None:
        """Hand each message to `deliver` on this loop, in order, then say that the input has ended."""
        with self._changed:
            self._loop, self._deliver, self._on_end = loop, deliver, on_end
            self._schedule()

    def put(self, item: Any, size: int) -> None:
        """Called by the reader; waits while the loop is far behind."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting_bytes < _UNHANDLED_LIMIT)
            self._items.append((item, size))
            self._waiting_bytes += size
            self._schedule()

    def end(self) -> None:
        """No more will come."""
        with self._changed:
            self._ended = True
            self._schedule()

    def _schedule(self) -> None:
        if self._loop is None or self._scheduled:
            return
        # A closed loop: the server is on its way out and reads no more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._hand_over)
            self._scheduled = True

    def _hand_over(self) -> None:
        until = time.monotonic() + _TURN_SECONDS
        while self._deliver is not None:
            with self._changed:
                if not self._items:
                    self._scheduled = False
                    break
                item, size = self._items.popleft()
                self._waiting_bytes -= size
                self._changed.notify()
            try:
                self._deliver(item)
            except Exception:
                logger.exception("a message could not be handled")
            if time.monotonic() > until:
                with self._changed:
                    self._scheduled = False
                    self._schedule()
                return
        if self._ended and self._on_end is not None:
            on_end, self._on_end = self._on_end, None
            on_end()


class Outbox:
    """Frames on their way to the client, written by a thread of their own. Any thread may call it; nothing here waits."""

    def __init__(self, fd: int, limit: int = LIMIT) -> None:
        self._fd = fd
        self._limit = limit
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closing = False
        self.broken = False
        self._on_broken: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drained: set[asyncio.Future[None]] = set()
        self._thread = threading.Thread(target=self._write_all, name="postil-writer", daemon=True)
        self._thread.start()

    def attach(self, loop: asyncio.AbstractEventLoop, on_broken: Callable[[], None]) -> None:
        """Tell this loop when the client has caught up, and when it is gone."""
        self._loop, self._on_broken = loop, on_broken
        if self.broken:
            loop.call_soon(on_broken)

    @property
    def waiting_bytes(self) -> int:
        """How much the client has yet to read."""
        return self._bytes

    @property
    def congested(self) -> bool:
        """Whether the client reads more slowly than we publish."""
        return self._bytes > HIGH_WATER

    def put(self, frame: bytes) -> None:
        """Queue what the client waits for: answers and requests are always taken."""
        with self._changed:
            if self.broken or self._closing:
                return
            self._frames.append(frame)
            self._bytes += len(frame)
            self._changed.notify()

    def offer(self, frame: bytes) -> bool:
        """Queue a notification unless that would exceed the limit; a single frame always fits an empty queue."""
        with self._changed:
            if self._bytes and self._bytes + len(frame) > self._limit:
                return False
        self.put(frame)
        return True

    async def drained(self) -> None:
        """Wait until the client has caught up, or is gone."""
        loop = asyncio.get_running_loop()
        caught_up: asyncio.Future[None] = loop.create_future()
        with self._changed:
            if self.broken or self._bytes <= LOW_WATER:
                return
            self._drained.add(caught_up)
        try:
            await caught_up
        finally:
            self._drained.discard(caught_up)

    def close(self, timeout: float) -> bool:
        """Write what is queued, for so many seconds at most. Says whether all of it went out."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive() and not self.broken

    def _write_all(self) -> None:
        while (batch := self._take_batch()) is not None:
            try:
                _write(self._fd, batch)
            except OSError as error:
                logger.info("the client no longer reads: %s", error)
                self._break()
                return
            with self._changed:
                self._bytes -= len(batch)
                caught_up = self._bytes <= LOW_WATER
            if caught_up:
                self._release()
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def _take_batch(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._closing)
            frames: list[bytes] = []
            size = 0
            while self._frames and size < _CHUNK:
                frames.append(self._frames.popleft())
                size += len(frames[-1])
            return b"".join(frames) or None

    def _break(self) -> None:
        with self._changed:
            self.broken = True
            self._frames.clear()
            self._bytes = 0
        self._release()
        if self._loop is not None and self._on_broken is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._on_broken)

    def _release(self) -> None:
        if self._loop is not None and self._drained:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for caught_up in list(self._drained):
            if not caught_up.done():
                caught_up.set_result(None)


class Channel:
    """One client: an inbox that fills from the moment it is made, and an outbox."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.inbox = Inbox()
        self.outbox = Outbox(write_fd)
        self._read_fd = read_fd
        self._ended = threading.Event()
        self._on_end_of_input: Callable[[], None] | None = None
        threading.Thread(target=self._read_all, name="postil-reader", daemon=True).start()

    @classmethod
    def claim_stdio(cls) -> "Channel":
        """Take stdin and stdout for the protocol. What anybody else prints goes to stderr, and children read nothing."""
        read_fd, write_fd = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        try:
            os.dup2(2, 1)
        except OSError:  # started without a stderr
            os.dup2(null, 1)
        os.close(null)
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415

            for fd in (read_fd, write_fd):
                msvcrt.setmode(fd, os.O_BINARY)
        return cls(read_fd, write_fd)

    def on_end_of_input(self, tell: Callable[[], None]) -> None:
        """Call `tell` from the reader's thread when the input ends, whether or not the loop still turns."""
        self._on_end_of_input = tell
        if self._ended.is_set():
            tell()

    def _read_all(self) -> None:
        parser = FrameParser()
        try:
            while data := _read(self._read_fd):
                # Each item is charged with what was read since the last one: close enough to bound the memory.
                size = len(data)
                for item in parser.feed(data):
                    self.inbox.put(item, size)
                    size = 0
        except OSError as error:
            logger.info("the input cannot be read: %s", error)
        except Exception:
            logger.exception("the reader failed")
        finally:
            self._ended.set()
            if self._on_end_of_input is not None:
                self._on_end_of_input()
            self.inbox.end()


def _read(fd: int) -> bytes:
    while True:
        try:
            return os.read(fd, _CHUNK)
        except BlockingIOError:  # a parent may have made the pipe non-blocking for both of us
            select.select([fd], [], [])


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            select.select([], [fd], [])
