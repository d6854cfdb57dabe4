"""Features look at what is open once at a time, again where something changed meanwhile, and after errors."""

from __future__ import annotations

import asyncio
import logging

import pytest

from postil.core.errors import UsageError
from postil.lsp.looking import Looking


class Eyes:
    """Looks when it is let to, and fails where it is told to."""

    def __init__(self) -> None:
        self.looks = 0
        self.at_once = 0
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self.fails: list[Exception] = []

    async def look(self) -> None:
        self.looks += 1
        self.at_once += 1
        assert self.at_once == 1
        self.begun.set()
        try:
            await self.go.wait()
            if self.fails:
                raise self.fails.pop(0)
        finally:
            self.at_once -= 1


async def test_what_changes_during_a_look_is_looked_at_once_more_after_it() -> None:
    eyes = Eyes()
    looking = Looking("things", eyes.look)
    looking.again()
    await eyes.begun.wait()
    for _ in range(5):
        looking.again()
    assert eyes.looks == 1
    eyes.go.set()
    await looking.settled()
    assert eyes.looks == 2
    looking.again()
    await looking.settled()
    assert eyes.looks == 3


@pytest.mark.parametrize(
    ("error", "level"), [(UsageError("No."), logging.INFO), (ValueError("odd"), logging.ERROR)], ids=str
)
async def test_a_look_that_fails_is_logged_and_hinders_no_other(
    error: Exception, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "postil.lsp.looking")
    eyes = Eyes()
    eyes.fails = [error]
    looking = Looking("things", eyes.look)
    looking.again()
    await eyes.begun.wait()
    looking.again()
    eyes.go.set()
    await looking.settled()
    assert eyes.looks == 2
    assert [(it.levelno, it.getMessage().partition(":")[0]) for it in caplog.records] == [(level, "things")]


async def test_what_has_ended_looks_no_more_and_one_that_never_looked_is_settled() -> None:
    eyes = Eyes()
    looking = Looking("things", eyes.look)
    looking.end()
    await looking.settled()
    looking.again()
    await eyes.begun.wait()
    looking.again()
    looking.end()
    await looking.settled()
    assert (eyes.looks, eyes.at_once) == (1, 0)
