"""Servers of tools as settings name them, for tests: real processes, and approvals without files."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from postil.config.server_options import ServerOptions, WrittenServer
from postil.core.effects import Result, RunContext
from postil.core.messages import ToolCall
from postil.core.ports import ToolPorts
from postil.tools.mcp.servers import Servers
from postil.tools.registry import Registry
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace
from tests.support.shelf import whole

SCRIPT = Path(__file__).with_name("tool_server.py")
Layer = Literal["administrator", "user", "workspace"]


def command(**wanted: Any) -> tuple[str, ...]:
    """Return the words that start a server of `tool_server`."""
    return (sys.executable, "-I", "-S", str(SCRIPT), json.dumps(wanted))


def written(
    name: str, layer: Layer = "user", options: dict[str, Any] | None = None, **wanted: Any
) -> WrittenServer:
    """Return a server as settings have it; `wanted` is for `tool_server`."""
    given = {"command": command(**wanted), **(options or {})}
    return WrittenServer(name, ServerOptions.model_validate(given), layer, "settings.toml")


@dataclass
class Said:
    """Approvals in memory."""

    refused: dict[str, str] = field(default_factory=dict[str, str])
    """Why, by name."""
    asked: set[str] = field(default_factory=set[str])
    looks: int = 0

    async def look(self) -> None:
        await asyncio.sleep(0)
        self.looks += 1

    def refusal(self, written: WrittenServer) -> str:
        return self.refused.get(written.name, "")

    def asks(self, written: WrittenServer) -> bool:
        return written.name in self.asked

    async def decide(self, written: WrittenServer, face: str, *, start: bool) -> None:
        del face
        self.asked.discard(written.name)
        self.refused[written.name] = "" if start else "you have left it off"


@dataclass
class Place:
    """A registry with servers behind it."""

    servers: Servers
    registry: Registry
    ports: ToolPorts

    async def find(self, query: str, most: int = 5) -> Result:
        return await self.call("find_tools", query=query, most=most)

    async def call(self, tool: str, **given: Any) -> Result:
        invocation = await self.registry.prepare(
            ToolCall(id="c", name=tool, input=given), self.ports, whole(self.registry)
        )

        async def spawned(_: int, __: float) -> None: ...

        return await invocation.run(RunContext("c", "", "", lambda _: None, spawned))

    async def until(self, what: Callable[[], bool]) -> None:
        while not what():  # noqa: ASYNC110 - a process in another thread makes it true
            await asyncio.sleep(0.01)

    async def in_state(self, name: str, state: str) -> None:
        await self.until(
            lambda: any(it.name == name and it.state == state for it in self.servers.standings())
        )


@asynccontextmanager
async def place(folder: Path, *servers: WrittenServer, said: Said | None = None) -> AsyncGenerator[Place]:
    """Give a registry with these servers, and end them."""
    there = Servers(servers, folder, said or Said())
    ports = ToolPorts(MemoryWorkspace({}), MemoryShell())
    try:
        yield Place(there, Registry.collect().with_plugins(there), ports)
    finally:
        await there.close()


def names(tools: Sequence[Any]) -> list[str]:
    return [it.spec.name for it in tools]
