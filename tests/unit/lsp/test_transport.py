"""The two queues between pipes and loop: bounded, in order, and never waited for by the loop."""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator

import pytest

from postil.lsp.transport import HIGH_WATER, LOW_WATER, Channel, Outbox
from tests.support.stdio_client import frame

FRAME = b"x" * 100_000


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Its write end belongs to the outbox, which closes it."""
    read_end, write_end = os.pipe()
    yield read_end, write_end
    os.close(read_end)


def read_all(fd: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(fd, size - len(data))
    return data


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  another thread makes it true
        await asyncio.sleep(0.001)


async def test_the_publisher_is_told_and_can_wait(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    outbox = Outbox(write_end)
    broken: list[None] = []
    outbox.attach(asyncio.get_running_loop(), lambda: broken.append(None))
    await asyncio.wait_for(outbox.drained(), 5)
    sent = 0
    while not outbox.congested:
        assert outbox.offer(FRAME)
        sent += len(FRAME)
    assert sent > HIGH_WATER
    waiting = asyncio.ensure_future(outbox.drained())
    outbox.put(FRAME)
    received = await asyncio.to_thread(read_all, read_end, sent + len(FRAME))
    assert len(received) == sent + len(FRAME)
    await waiting
    assert outbox.waiting_bytes <= LOW_WATER
    assert outbox.close(5)
    assert not broken


async def test_notifications_stop_at_the_limit_and_answers_do_not(pipe: tuple[int, int]) -> None:
    read_end, write_end = pipe
    outbox = Outbox(write_end, limit=3 * len(FRAME))
    outbox.attach(asyncio.get_running_loop(), lambda: None)
    assert outbox.offer(FRAME * 5), "a single frame of any size fits an empty queue"
    assert not outbox.offer(FRAME)
    outbox.put(FRAME)
    assert len(await asyncio.to_thread(read_all, read_end, 6 * len(FRAME))) == 6 * len(FRAME)
    assert outbox.close(5)


async def test_a_client_that_is_gone_is_reported_and_releases_who_waits() -> None:
    read_end, write_end = os.pipe()
    outbox = Outbox(write_end)
    broken = asyncio.Event()
    outbox.attach(asyncio.get_running_loop(), broken.set)
    for _ in range(20):
        outbox.put(FRAME)
    waiting = asyncio.ensure_future(outbox.drained())
    await asyncio.sleep(0)
    os.close(read_end)
    await broken.wait()
    await waiting
    assert outbox.broken
    outbox.put(FRAME)
    assert outbox.waiting_bytes == 0
    assert not outbox.close(5)
    os.close(write_end)


async def test_frames_that_came_before_the_loop_are_delivered_first_and_the_end_last() -> None:
    read_end, write_end = os.pipe()
    answer_end, out_end = os.pipe()
    # A parent may have made the pipe non-blocking for both sides.
    fcntl.fcntl(read_end, fcntl.F_SETFL, os.O_NONBLOCK)
    channel = Channel(read_end, out_end)
    os.write(write_end, frame({"i": 0}) + frame({"i": 1}))
    seen: list[object] = []
    ended = asyncio.Event()

    def deliver(message: dict[str, int]) -> None:
        seen.append(message["i"])
        if message["i"] == 1:
            raise RuntimeError("a handler that fails does not stop the next")

    channel.inbox.attach(asyncio.get_running_loop(), deliver, ended.set)
    await until(lambda: len(seen) == 2)
    os.write(write_end, b"".join(frame({"i": index}) for index in range(2, 1_000)))
    os.close(write_end)
    await ended.wait()
    assert seen == list(range(1_000))
    assert channel.outbox.close(5)
    os.close(read_end)
    os.close(answer_end)
