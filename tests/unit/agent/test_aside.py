"""What hangs beside the loop is given up, holds back nothing else, and ends with the process."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest

from postil.agent.aside import MOST, Aside

NAME: ContextVar[str] = ContextVar("NAME", default="")
LONG = 30.0
"""Seconds that nothing in here takes."""


async def test_it_returns_what_is_returned_and_raises_what_is_raised() -> None:
    aside = Aside()
    NAME.set("here")
    assert await aside.run(NAME.get, LONG) == "here"
    with pytest.raises(ZeroDivisionError):
        await aside.run(lambda: 1 // 0, LONG)


async def test_it_is_not_the_thread_of_the_loop_and_ends_with_the_process() -> None:
    thread = await Aside().run(threading.current_thread, LONG)
    assert thread is not threading.current_thread()
    assert thread.daemon


async def test_what_hangs_is_given_up_and_only_its_own_kind_waits_for_it() -> None:
    aside, answers = Aside(), threading.Event()
    hanging = [aside.run(answers.wait, 0.05) for _ in range(MOST)]
    assert [type(it) for it in await asyncio.gather(*hanging, return_exceptions=True)] == [
        TimeoutError
    ] * MOST
    with pytest.raises(TimeoutError):
        await aside.run(int, 0.05)
    assert await asyncio.to_thread(int) == 0
    answers.set()
    assert await aside.run(int, LONG) == 0


async def test_more_at_once_than_there_are_threads_take_turns() -> None:
    aside = Aside()
    assert await asyncio.gather(*(aside.run(int, LONG) for _ in range(3 * MOST))) == [0] * 3 * MOST


async def test_a_thread_is_used_again_and_ends_when_nobody_has_it_any_more() -> None:
    aside = Aside()
    first = await aside.run(threading.current_thread, LONG)
    assert await aside.run(threading.current_thread, LONG) is first
    del aside
    await asyncio.to_thread(first.join, LONG)
    assert not first.is_alive()
