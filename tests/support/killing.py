"""`postil ask` as a process that a test follows by what it prints, and kills."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.asking import Desk

_LINE_LIMIT = 2**24


@dataclass
class Kills:
    """What came of many kills."""

    kills: int = 0
    second: int = 0
    """Of what had been killed before."""
    unborn: int = 0
    """Before anything was acknowledged."""
    late: int = 0
    """What ended before its kill came."""
    lines: Counter[int] = field(default_factory=Counter[int])
    outcomes: Counter[str] = field(default_factory=Counter[str])

    @property
    def effects(self) -> str:
        """What the commands and calls came to, for a person."""
        lines, outcomes = dict(sorted(self.lines.items())), dict(sorted(self.outcomes.items()))
        return f"lines of the command {lines}; outcomes {outcomes}"


class Running:
    """One run, and the events that it has told of."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[dict[str, Any]] = []

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Return the next event of this kind; None where the run ends before."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if not line.endswith(b"\n"):
                break
            publication = json.loads(line)
            self.told.append(publication)
            if wanted(publication["event"]):
                return publication["event"]
        return None

    async def kill(self) -> None:
        """End it as nothing can handle, and read what it had still said."""
        if self.process.returncode is None:
            self.process.kill()
        await self.until(lambda _: False)
        await self.process.wait()

    @property
    def last_seq(self) -> int:
        """The highest number of a durable event that it told of: by then it was in the journal."""
        return max((it["seq"] or 0 for it in self.told), default=0)


@asynccontextmanager
async def asking(place: Desk, *arguments: str) -> AsyncGenerator[Running]:
    """Start `postil ask --json` with these arguments; it does not outlive the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "postil", "ask", "--json", *arguments,
        cwd=place.workspace, env=place.environment, limit=_LINE_LIMIT,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    running = Running(process)
    try:
        yield running
    finally:
        await running.kill()
