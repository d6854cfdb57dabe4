"""`postil … | head -1`: output that is read no further ends the command quietly, and the turn with it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from postil.cli.stopping import EXIT_NO_READER
from postil.core.events import SessionClosed, TurnEnded
from postil.journal.store import SessionStore
from tests.support.asking import Desk, desk

WAITING = "sh -c 'touch begun; while [ ! -e go ]; do sleep 0.01; done'"
SCRIPT = [
    {"when": {"after": "prompt"}, "blocks": [{"tool": "shell", "input": {"command": WAITING}}]},
    {"tool": "shell", "input": {"command": "sh -c 'touch ran'"}},
    "Done.",
]


@dataclass
class Piped:
    """A running `postil` and the end of the pipe that it prints into."""

    process: asyncio.subprocess.Process
    reader: int

    def close(self) -> None:
        """Read no further."""
        os.close(self.reader)

    async def ended(self) -> tuple[int, str]:
        """Return the exit status and what was written to stderr."""
        assert self.process.stderr is not None
        err = (await self.process.stderr.read()).decode()
        return await self.process.wait(), err


@asynccontextmanager
async def piped(place: Desk, *arguments: str) -> AsyncGenerator[Piped]:
    reader, writer = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "postil", *arguments, cwd=place.workspace, env=place.environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=writer, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(writer)
    try:
        yield Piped(process, reader)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("form", [("--json",), ()], ids=["json", "text"])
async def test_a_turn_ends_when_nobody_reads_on(tmp_path: Path, form: tuple[str, ...]) -> None:
    async with (
        desk(tmp_path, SCRIPT, trusts=True) as place,
        piped(place, "ask", *form, "--allow", "Bash", "Go.") as asked,
    ):
        while not (place.workspace / "begun").exists():  # noqa: ASYNC110 (another process makes it)
            await asyncio.sleep(0.01)
        asked.close()
        (place.workspace / "go").touch()
        assert await asked.ended() == (EXIT_NO_READER, "")
        assert not (place.workspace / "ran").exists()
        (folder,) = (place.state / "workspaces").glob("*/sessions/*")
        events = [it.event for it in (await SessionStore(place.state).record(folder.name)).events]
        (ended,) = (it for it in events if isinstance(it, TurnEnded))
        assert ended.reason == "cancelled"
        assert isinstance(events[-1], SessionClosed)


async def test_nothing_is_begun_for_nobody(tmp_path: Path) -> None:
    async with (
        desk(tmp_path, SCRIPT, trusts=True) as place,
        piped(place, "ask", "--json", "--allow", "Bash", "Go.") as asked,
    ):
        asked.close()
        assert await asked.ended() == (EXIT_NO_READER, "")
        assert not (place.workspace / "begun").exists()


async def test_other_commands_end_quietly_too(tmp_path: Path) -> None:
    async with desk(tmp_path, ["Hello."], trusts=True) as place:
        assert (await place.ask("Go.")).status == 0
        for arguments in (("sessions", "list"), ("sessions", "show", "latest"), ("trust", "list")):
            async with piped(place, *arguments) as listed:
                listed.close()
                assert await listed.ended() == (EXIT_NO_READER, "")
