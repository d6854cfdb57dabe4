"""The collection of tools: sorted, bounded to one folder, and readable without running anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from postil.core.effects import Access, Invocation, Result, RunContext
from postil.core.errors import ConfigurationError, InvalidInput, ToolError, UnknownTool
from postil.core.messages import ToolCall
from postil.core.ports import ToolPorts, ToolSchema
from postil.core.revealing import displayable, shortened
from postil.tools.output import capped
from postil.tools.schema import signature, validated
from postil.tools.tiers import Effects
from postil.tools.tool import Tool, ToolSpec, read_tool

BUILTIN = Path(__file__).with_name("builtin")


class Registry:
    """Tools in order of name; a pool is a registry with fewer."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.spec.name: tool for tool in sorted(tools, key=lambda tool: tool.spec.name)}

    @classmethod
    def collect(cls, folder: Path = BUILTIN, package: str = "postil.tools.builtin") -> Registry:
        """Return the tools that the Markdown files of one folder describe; raises ConfigurationError.

        Reads the disk, so it is called away from the event loop; imports no implementation.
        """
        return cls(read_tool(source, package) for source in sorted(folder.glob("*.md")))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools, sorted."""
        return tuple(self._tools)

    def specs(self) -> tuple[ToolSpec, ...]:
        """The metadata of the tools, in order of name."""
        return tuple(tool.spec for tool in self._tools.values())

    def spec(self, name: str) -> ToolSpec:
        """Return one tool's metadata; raises UnknownTool."""
        return self._tool(name).spec

    def shares(self, name: str) -> bool:
        """Whether calls of the tool may run beside other readers; False for a name that is unknown."""
        effects = self._tools[name].effects if name in self._tools else Effects()
        return effects.read_only and effects.concurrent

    def listing(self) -> list[dict[str, Any]]:
        """Return what people and programs can know of the tools, as JSON-able data."""
        return [
            {**tool.spec.model_dump(mode="json"), "description": tool.description}
            for tool in self._tools.values()
        ]

    def pool(self, names: Iterable[str]) -> Registry:
        """Return a registry of these tools alone; raises ConfigurationError for a name that is none."""
        wanted = set(names)
        if unknown := sorted(wanted - set(self._tools)):
            raise ConfigurationError(
                f"There is no tool named {', '.join(map(repr, unknown))}.",
                f"The tools are {', '.join(self.names)}.",
            )
        return Registry(self._tools[name] for name in wanted)

    def schemas(self, named: Collection[str] = ()) -> tuple[ToolSchema, ...]:
        """Return the tools that are in every request, as the model sees them: the same bytes every time.

        Those that an agent type has `named` are among them. Imports their implementations, so it is called away from
        the event loop.
        """
        always = (it for it in self._tools.values() if it.spec.deferral == "always" or it.spec.name in named)
        return tuple(tool.schema() for tool in always)

    async def prepare(self, call: ToolCall, ports: ToolPorts) -> Invocation:
        """Return what the call would do. Raises ToolError, whatever the model sent; changes nothing."""
        tool = self._tool(call.name)
        load = tool.implementation
        implementation = load() if tool.loaded else await asyncio.to_thread(load)
        if call.malformed is not None:
            raise InvalidInput(
                f"The input of `{call.name}` was not a JSON object: {shortened(call.malformed)}.",
                signature(call.name, implementation.params),
            )
        params = validated(call.name, implementation.params, call.input)
        invocation = await implementation.prepare(params, ports)
        _check_promise(tool, invocation.access)
        return replace(
            invocation,
            access=_as_added(tool, invocation.access, call),
            run=_bounded(invocation, tool.spec.limits.output),
        )

    def _tool(self, name: str) -> Tool:
        if name not in self._tools:
            raise UnknownTool(
                f"There is no tool named `{shortened(name)}` here.",
                f"The tools are {', '.join(self._tools) or 'none'}.",
            )
        return self._tools[name]


def _as_added(tool: Tool, access: Access, call: ToolCall) -> Access:
    """Return what the call touches, with the tool itself where it did not come with Postil: it cannot leave that out."""
    if tool.added is None:
        return access
    given = json.dumps(call.input, sort_keys=True)
    added = replace(tool.added, destructive=tool.added.destructive or tool.effects.destructive, input=given)
    return replace(access, added=added)


def _check_promise(tool: Tool, access: Access) -> None:
    """Refuse a call that would do what its tool's metadata rules out: schedulers and rules rely on it."""
    if broken := _broken_promise(tool.effects, access):
        raise ToolError(f"`{tool.spec.name}` was not run: its metadata says {broken}.", "Use another tool.")


def _broken_promise(effects: Effects, access: Access) -> str:
    if effects.read_only and (access.edits or access.saves or access.command or access.open_world):
        return "that it only reads, and this call would do more"
    if not effects.open_world and (access.open_world or access.command or access.hosts):
        return "that it stays within the files it names, and this call would not"
    return ""


def _bounded(invocation: Invocation, limit: int) -> Callable[[RunContext], Awaitable[Result]]:
    run = invocation.run

    async def bounded(context: RunContext) -> Result:
        result = await run(context)
        return replace(result, content=capped(displayable(result.content), limit))

    return bounded
