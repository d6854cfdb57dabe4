"""acpx, a headless ACP client that other people wrote: found where `make test-acp` installs it, and run as its users run it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
from asyncio import StreamReader
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.editors.acp.desk import AcpDesk

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / ".cache" / "acp" / "node_modules" / "acpx" / "dist" / "cli.js"
NODE = ROOT / ".cache" / "node" / "node"
PATIENCE = 50.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of acpx printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The protocol's messages, as it prints them."""
        return [json.loads(it) for it in self.out.splitlines() if it.startswith("{")]

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The updates that it got."""
        return [it["params"]["update"] for it in self.messages if it.get("method") == "session/update"]

    @property
    def says(self) -> str:
        """All that the agent has said."""
        chunks = (it for it in self.updates if it["sessionUpdate"] == "agent_message_chunk")
        return "".join(it["content"]["text"] for it in chunks)


class Running:
    """A run of acpx that is looked on at."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._errors = asyncio.create_task(_all(process.stderr))
        self._out = ""

    async def until(self, said: Callable[[Ran], bool]) -> None:
        """Return when it has printed enough for this to be so."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while not said(Ran(0, self._out, "")):
                line = await self._process.stdout.readline()
                assert line, (self._out, await self._errors)
                self._out += line.decode()

    def interrupt(self) -> None:
        """Press Ctrl+C."""
        self._process.send_signal(signal.SIGINT)

    async def ended(self) -> Ran:
        """Return what it printed, once it has ended."""
        async with asyncio.timeout(PATIENCE):
            self._out += await _all(self._process.stdout)
            status = await self._process.wait()
            return Ran(status, self._out, await self._errors)

    async def kill(self) -> None:
        """Leave nothing of it."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._errors.cancel()


@asynccontextmanager
async def running(desk: AcpDesk, *arguments: str, agent: str = "") -> AsyncGenerator[Running]:
    """Run it in the project, with `postil acp` as its agent."""
    started = shlex.join([sys.executable, "-m", "postil", "acp"]) + agent
    process = await asyncio.create_subprocess_exec(
        str(NODE), str(PROGRAM), "--agent", started, "--cwd", str(desk.root), "--format", "json",
        *arguments,
        cwd=desk.root,
        env={**os.environ, **desk.world.env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )  # fmt: skip
    run = Running(process)
    try:
        yield run
    finally:
        await run.kill()


async def acpx(desk: AcpDesk, *arguments: str, agent: str = "") -> Ran:
    """Run it to its end."""
    async with running(desk, *arguments, agent=agent) as run:
        return await run.ended()


def session_of(desk: AcpDesk) -> str:
    """Return the only session that there is."""
    (found,) = desk.world.state.glob("workspaces/*/sessions/*/journal.jsonl")
    return found.parent.name


async def _all(stream: StreamReader | None) -> str:
    assert stream is not None
    return (await stream.read()).decode()
