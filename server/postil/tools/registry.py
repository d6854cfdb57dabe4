"""The collection of tools: sorted, bounded to one folder, and readable without running anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from postil.core.effects import Access, Invocation, Result, RunContext
from postil.core.errors import BrokenPromise, ConfigurationError, InvalidInput, UnknownTool
from postil.core.found import FoundTool
from postil.core.messages import ToolCall
from postil.core.origin import Source
from postil.core.ports import Hit, ToolPorts, ToolSchema, ToolSearch
from postil.core.revealing import displayable, shortened
from postil.tools.added import NoPlugins, Plugins
from postil.tools.finding import Words, line_of, ranked, words_of
from postil.tools.output import capped
from postil.tools.schema import signature, validated
from postil.tools.session_tools import NOTHING, SessionTools
from postil.tools.tiers import Effects
from postil.tools.tool import Tool, ToolSpec, read_tool

BUILTIN = Path(__file__).with_name("builtin")
FIND = "find_tools"
"""The tool that finds others."""
READERS = "readers"
"""The word for tools that only read and may run beside each other."""


class Registry:
    """Tools in order of name; a pool is a registry with fewer. Tools of plugins come and go beside them."""

    def __init__(self, tools: Iterable[Tool], plugins: Plugins | None = None) -> None:
        self._tools = {tool.spec.name: tool for tool in sorted(tools, key=lambda tool: tool.spec.name)}
        self.plugins: Plugins = plugins or NoPlugins()
        self._words: dict[str, Words] = {}

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

    def beside(self, name: str) -> str:
        """Return whose calls may run beside each other: readers, or calls of the one tool that says it of itself.

        Empty for a tool whose calls run alone, and for a name that is unknown.
        """
        effects = self._tools[name].effects if name in self._tools else Effects()
        if not effects.concurrent:
            return ""
        return READERS if effects.read_only else name

    def every(self) -> tuple[Tool, ...]:
        """The tools in order of name, and then those of plugins that are there now."""
        return (*self._tools.values(), *self.plugins.tools())

    def listing(self) -> list[dict[str, Any]]:
        """Return what people and programs can know of the tools, as JSON-able data; imports no implementation."""
        return [
            {
                **tool.spec.model_dump(mode="json"),
                "description": tool.description,
                "tier": tool.tier,
                "source": tool.origin,
                "effects": tool.effects.model_dump(mode="json"),
            }
            for tool in self.every()
        ]

    def with_plugins(self, plugins: Plugins) -> Registry:
        """Return a registry of the same tools, with those of plugins beside them."""
        return Registry(self._tools.values(), plugins)

    def pool(self, names: Iterable[str]) -> Registry:
        """Return a registry of these tools alone, without plugins; raises ConfigurationError for a name that is none."""
        wanted = set(names)
        if unknown := sorted(wanted - set(self._tools)):
            raise ConfigurationError(
                f"There is no tool named {', '.join(map(repr, unknown))}.",
                f"The tools are {', '.join(self.names)}.",
            )
        return Registry(self._tools[name] for name in wanted)

    def schemas(self, named: Collection[str] = (), *, references: bool = True) -> tuple[ToolSchema, ...]:
        """Return the tools that are in every request, as the model sees them: the same bytes every time.

        Those that an agent type has `named` are among them. `references` says whether the model takes references to tools.
        Imports their implementations, so it is called away from the event loop.
        """
        present = {"always"} if references else {"always", "unreferenced"}
        there = [it for it in self._tools.values() if it.spec.deferral in present or it.spec.name in named]
        later = [it for it in self._deferred() if it not in there]
        schemas = (tool.schema() for tool in there)
        return tuple(_listing(it, later) if it.name == FIND else it for it in schemas)

    async def find(self, query: str, has: SessionTools) -> ToolSearch:
        """Return the tools of a session that fit the words, best first.

        Waits a moment for servers that are on their way where nothing of theirs fits yet, unless one of our own was named.
        """
        found = await asyncio.to_thread(self._found, query, has)
        named = bool(found.hits) and found.hits[0].tool.name == query.strip()
        if not named and not any(it.source for it in found.hits) and await self.plugins.settle():
            found = await asyncio.to_thread(self._found, query, has)
        return replace(found, notes=self.plugins.notes())

    def _found(self, query: str, has: SessionTools) -> ToolSearch:
        """Search, where implementations may be imported."""
        own = [it for it in self._deferred() if has.finds(it.spec.name)]
        tools = {it.spec.name: it for it in (*own, *self._added(has))}
        known = [_as_found(it) for it in tools.values()]
        self._words |= {it.name: self._words_of(it) for it in known}
        hits = ranked(query, [self._words[it] for it in tools])
        return ToolSearch(tuple(_hit(tools[it.name], it) for it in hits), of=len(known))

    def _words_of(self, tool: FoundTool) -> Words:
        kept = self._words.get(tool.name)
        return kept if kept is not None and kept.tool == tool else words_of(tool)

    def _deferred(self) -> list[Tool]:
        return [it for it in self._tools.values() if it.spec.deferral == "deferred"]

    def _added(self, has: SessionTools) -> list[Tool]:
        return [it for it in self.plugins.tools() if has.added(it.spec.name)]

    async def prepare(self, call: ToolCall, ports: ToolPorts, has: SessionTools = NOTHING) -> Invocation:
        """Return what the call would do. Raises ToolError, whatever the model sent; changes nothing.

        `has` is what the session has of all the tools.
        """
        tool = self._tools.get(call.name) or await self.plugins.tool(call.name) or self._tool(call.name)
        ports = replace(ports, others=_Others(self, has))
        load = tool.implementation
        implementation = load() if tool.loaded else await asyncio.to_thread(load)
        if call.malformed is not None:
            raise InvalidInput(
                f"The input of `{call.name}` was not a JSON object: {shortened(call.malformed)}.",
                signature(call.name, tool.schema().input_schema),
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


@dataclass(frozen=True, slots=True)
class _Others:
    """The tools as one of them finds the others."""

    registry: Registry
    has: SessionTools

    async def find(self, query: str) -> ToolSearch:
        return await self.registry.find(query, self.has)


def _listing(schema: ToolSchema, later: Sequence[Tool]) -> ToolSchema:
    """Return the search for tools with a line for each of Postil's own that it finds."""
    if not later:
        return schema
    lines = "\n".join(f"- `{it.spec.name}`: {it.spec.title}" for it in later)
    return replace(schema, description=f"{schema.description}\n\nOf Postil's own:\n{lines}")


def _as_found(tool: Tool) -> FoundTool:
    schema = tool.schema()
    return FoundTool(name=schema.name, description=schema.description, input_schema=schema.input_schema)


def _hit(tool: Tool, found: FoundTool) -> Hit:
    source = Source(origin="mcp", name=tool.origin) if tool.added is not None else None
    return Hit(found, line_of(found), source)


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
        raise BrokenPromise(
            f"`{tool.spec.name}` was not run: its metadata says {broken}.", "Use another tool."
        )


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
