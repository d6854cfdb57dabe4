"""A tool of a server, without the server: it says when it is used, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from postil.tools.added import NoPlugins
from postil.tools.mcp.listed import Answer, ListedTool
from postil.tools.mcp.tool import added_tools
from postil.tools.tool import Tool

SERVER = "guardrails"
TOOL = "touch"
NAME = f"mcp__{SERVER}__{TOOL}"
"""What models call it."""
RULE = f"Mcp({SERVER}/{TOOL})"


class OneTool(NoPlugins):
    """A `tools.added.Plugins` that has this one."""

    def __init__(self) -> None:
        self.used = 0
        self._tools = added_tools(SERVER, [ListedTool(TOOL, description="Touches things.")], self._use)

    def tools(self) -> Sequence[Tool]:
        """Return it."""
        return tuple(self._tools.values())

    async def tool(self, name: str) -> Tool | None:
        """Return it by its name."""
        return self._tools.get(name)

    async def _use(self, _name: str, _given: dict[str, JsonValue]) -> Answer:
        self.used += 1
        return Answer("Touched.")
