"""Tools of plugins without servers: they answer with what they were given, and can come and go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from postil.core.effects import Access, Added, Invocation, Result, RunContext
from postil.core.origin import Source
from postil.core.ports import ToolPorts
from postil.tools.added import AddedSpec, AddedTool, Anything
from postil.tools.registry import Registry
from postil.tools.session_tools import SessionTools
from postil.tools.tiers import annotated
from postil.tools.tool import Tool

SHAPE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "owner": {"type": "string", "description": "Whose it is; a person or an organisation."},
        "query": {"type": "string", "description": "What to look for, Wörter included."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "How many at most."},
    },
    "required": ["owner"],
}


def echo(name: str, description: str, server: str = "shelf", schema: dict[str, Any] = SHAPE) -> AddedTool:
    """Return a tool that answers with what it was given."""
    added = Added("plugin", f"{server}/{name}")

    async def prepare(params: Anything, _: ToolPorts) -> Invocation:
        async def run(_: RunContext) -> Result:
            return Result(
                json.dumps(params.root, sort_keys=True), sources=(Source(origin="mcp", name=server),)
            )

        return Invocation(f"{server}/{name}", "other", Access(open_world=True, added=added), run)

    spec = AddedSpec(name=f"mcp__{server}__{name}", title=name, effects=annotated({}))
    return AddedTool(spec, description, schema, added, prepare)


def many(count: int) -> list[Tool]:
    """Return so many tools with descriptions as long as servers have them."""
    what = (
        "Reads from the archive of number {0} what was kept there, page by page, and says how old each page is. "
        * 2
    )
    return [echo(f"archive_{number:03}", what.format(number)) for number in range(count)]


class Shelf:
    """A `Plugins` whose tools a test puts there and takes away."""

    def __init__(self, tools: Sequence[Tool] = ()) -> None:
        self.there = {it.spec.name: it for it in tools}
        self.coming: list[Tool] = []
        """What a search waits for."""
        self.waited = 0

    def tools(self) -> Sequence[Tool]:
        return [self.there[name] for name in sorted(self.there)]

    async def tool(self, name: str) -> Tool | None:
        return self.there.get(name)

    def lines(self) -> Sequence[str]:
        return [f"- shelf: {len(self.there)} tools"] if self.there else []

    def notes(self) -> tuple[str, ...]:
        return ("shelf is still starting",) if self.coming else ()

    async def settle(self) -> bool:
        self.waited += 1
        coming, self.coming = self.coming, []
        self.there |= {it.spec.name: it for it in coming}
        return bool(coming)


def whole(registry: Registry) -> SessionTools:
    """Return the tools of a session that has everything."""
    return SessionTools(registry.names, added=lambda _: True)
