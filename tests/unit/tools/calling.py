"""Calls to tools the way the agent makes them: prepared by the registry, then run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from postil.core.effects import Invocation, Result, RunContext
from postil.core.messages import ToolCall
from postil.core.ports import NoWeb, ToolPorts, Web
from postil.tools.registry import Registry
from tests.support.memory_shell import MemoryShell
from tests.support.memory_workspace import MemoryWorkspace
from tests.unit.tools.sight import Sight

registry = Registry.collect()


@dataclass
class Desk:
    """A workspace and a shell in memory, and what running tools told."""

    workspace: MemoryWorkspace
    shell: MemoryShell = field(default_factory=MemoryShell)
    progress: list[str] = field(default_factory=list[str])
    children: list[int] = field(default_factory=list[int])
    web: Web = field(default_factory=NoWeb)
    seen: Sight = field(default_factory=Sight)
    """What reads have shown."""

    @property
    def ports(self) -> ToolPorts:
        return ToolPorts(self.workspace, self.shell, seen=self.seen.get, web=self.web)

    async def prepare(self, tool: str, **arguments: Any) -> Invocation:
        return await registry.prepare(ToolCall(id="call", name=tool, input=arguments), self.ports)

    async def run(self, invocation: Invocation) -> Result:
        result = await invocation.run(self.context(invocation.title))
        self.seen.note(result)
        return result

    async def call(self, tool: str, **arguments: Any) -> Result:
        return await self.run(await self.prepare(tool, **arguments))

    def context(self, label: str) -> RunContext:
        async def spawned(pid: int, _: float) -> None:
            self.children.append(pid)

        return RunContext("call", "change", label, self.progress.append, spawned)


def desk(files: Mapping[str, str | bytes] | None = None, shell: MemoryShell | None = None) -> Desk:
    """Return a desk with these files."""
    return Desk(MemoryWorkspace(files), shell or MemoryShell())
