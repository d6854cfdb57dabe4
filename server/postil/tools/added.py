"""Tools that did not come with Postil, as the registry sees where they come from; they come and go while it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field, JsonValue, RootModel

from postil.core.effects import Added, Invocation
from postil.core.ports import ToolPorts, ToolSchema
from postil.tools.tool import Implementation, Tool, ToolSpec


class AddedSpec(ToolSpec):
    """The metadata of a tool that did not come with Postil."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    """What the service takes for a name."""


class Anything(RootModel[dict[str, JsonValue]]):
    """Parameters that only whoever has the tool can judge."""


class AddedTool(Tool):
    """A tool whose metadata and parameters come from elsewhere."""

    def __init__(
        self,
        spec: AddedSpec,
        description: str,
        input_schema: Mapping[str, JsonValue],
        added: Added,
        prepare: Callable[[Anything, ToolPorts], Awaitable[Invocation]],
    ) -> None:
        super().__init__(spec, description, Path(), "", added)
        self._schema = ToolSchema(spec.name, description, dict(input_schema))
        self._there = Implementation(Anything, prepare)

    @property
    def loaded(self) -> bool:
        """Whether it can be used without reading the disk."""
        return True

    def implementation(self) -> Implementation:
        """Return what it was made with."""
        return self._there

    def schema(self) -> ToolSchema:
        """Return the tool as the model sees it."""
        return self._schema


class Plugins(Protocol):
    """Where the tools of plugins come from."""

    def tools(self) -> Sequence[Tool]:
        """Return those that are there now, in order of name."""
        ...

    async def tool(self, name: str) -> Tool | None:
        """Return one by its name, waiting for it where it is on its way. None for a name that is nobody's.

        One that is gone says so when it is used.
        """
        ...

    def lines(self) -> Sequence[str]:
        """Return what the model is told of where tools come from, a line each."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Return why there may be more tools than were searched, a sentence each."""
        ...

    async def settle(self) -> bool:
        """Wait a moment for tools that are on their way; whether there was anything to wait for."""
        ...


class NoPlugins:
    """Stands where there are none."""

    def tools(self) -> Sequence[Tool]:
        """Return nothing."""
        return ()

    async def tool(self, name: str) -> Tool | None:
        """Return None."""
        del name
        return None

    def lines(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    async def settle(self) -> bool:
        """Wait for nothing."""
        return False
