"""A project, a scripted model, and `postil acp` processes that the public SDK's client talks to."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from acp.client.connection import ClientSideConnection
from acp.core import DEFAULT_STDIO_BUFFER_LIMIT_BYTES
from acp.schema import (
    ClientCapabilities,
    FileSystemCapabilities,
    Implementation,
    InitializeResponse,
    PromptResponse,
    TextContentBlock,
)

from postil.core.events import Durable
from tests.editors.acp.person import PATIENCE, Person
from tests.support.lsp_client import Json
from tests.support.lsp_world import World

ACP = (sys.executable, "-m", "postil", "acp")
E = TypeVar("E", bound=Durable)


def text(words: str) -> list[Any]:
    """Return a prompt of words."""
    return [TextContentBlock(type="text", text=words)]


class Agent:
    """One process of `postil acp`, its client, and the session that the client began or opened last."""

    def __init__(self, person: Person, connection: ClientSideConnection, process: Process) -> None:
        self.person = person
        self.connection = connection
        self.process = process
        self.offers: InitializeResponse | None = None
        self.session_id = ""

    async def new(self, root: Path) -> Any:
        """Begin a session."""
        made = await self.connection.new_session(cwd=str(root), mcp_servers=[])
        self.session_id = made.session_id
        return made

    async def prompt(self, words: str | Sequence[Any]) -> PromptResponse:
        """Ask for something, and return when the turn has ended."""
        blocks = text(words) if isinstance(words, str) else list(words)
        async with asyncio.timeout(PATIENCE):
            return await self.connection.prompt(session_id=self.session_id, prompt=blocks)

    def asks(self, words: str | Sequence[Any]) -> asyncio.Task[PromptResponse]:
        """Ask for something, and look on."""
        return asyncio.create_task(self.prompt(words))

    async def kill(self) -> None:
        """Kill the process, as a power cut would."""
        self.process.kill()
        await self.process.wait()


class AcpDesk:
    """The project, and the editors that come and go."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.root = self.world.root
        self.errors = folder / "stderr"

    @asynccontextmanager
    async def agent(
        self,
        *arguments: str,
        reads: bool = True,
        writes: bool = True,
        person: Person | None = None,
        client: str = "",
    ) -> AsyncGenerator[Agent]:
        """Start a process, and introduce a client that offers its files so far."""
        person = person or Person()
        with self.errors.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *ACP,
                *arguments,
                cwd=self.root,
                env={**os.environ, **self.world.env},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=DEFAULT_STDIO_BUFFER_LIMIT_BYTES,
            )
        connection = ClientSideConnection(
            cast("Any", person), process.stdin, process.stdout, use_unstable_protocol=True
        )
        agent = Agent(person, connection, process)
        files = FileSystemCapabilities(read_text_file=reads, write_text_file=writes)
        info = Implementation(name=client, version="1") if client else None
        try:
            async with asyncio.timeout(PATIENCE):
                agent.offers = await connection.initialize(
                    protocol_version=1, client_capabilities=ClientCapabilities(fs=files), client_info=info
                )
            yield agent
        finally:
            await self._end(agent)

    async def killed_at_a_question(self, words: str) -> str:
        """Let a client begin a session whose process is killed before its question is answered; return the session's id."""
        async with self.agent() as agent:
            await agent.new(self.root)
            turn = agent.asks(words)
            await agent.person.question()
            await agent.kill()
            with pytest.raises(ConnectionError):
                await turn
        return agent.session_id

    async def play(self, *replies: Json | str) -> None:
        """Let the model say this."""
        await self.world.play(*replies)

    def asked(self) -> list[str]:
        """Return what the model was told in each request, as text."""
        return [str(it.body["messages"]) for it in self.world.model.requests]

    def events(self, session_id: str, kind: type[E]) -> list[E]:
        """Return a session's events of one type, from disk."""
        return [it for it in self.world.journal(session_id) if isinstance(it, kind)]

    async def _end(self, agent: Agent) -> None:
        """Let the client leave: the process has to end by itself, and in good order."""
        assert agent.process.stdin is not None
        agent.process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                status = await agent.process.wait()
        finally:
            if agent.process.returncode is None:
                agent.process.kill()
                await agent.process.wait()
            await agent.connection.close()
        assert status in (0, -9), self.errors.read_text("utf-8")
        assert "Traceback" not in self.errors.read_text("utf-8"), self.errors.read_text("utf-8")


@asynccontextmanager
async def new_desk(folder: Path) -> AsyncGenerator[AcpDesk]:
    """Make a desk, and see to it that nothing of it is left."""
    desk = AcpDesk(folder)
    try:
        yield desk
    finally:
        await desk.world.kill()
