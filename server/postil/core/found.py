"""Tools that were searched for: what a search found, the event that says so, and what the state keeps of it."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from postil.core.event import Event
from postil.core.messages import Value

OF_SERVERS = "mcp__"
"""What names of servers' tools begin with, and no other tool's."""


class FoundTool(Value):
    """A tool as the model is shown it from here on, whatever becomes of where it came from."""

    name: str
    description: str
    input_schema: dict[str, JsonValue]


class ToolsMatched(Event):
    """A search for tools, and what it found."""

    type: Literal["ToolsMatched"] = "ToolsMatched"
    turn_id: str
    query: str
    hits: tuple[str, ...]
    """The names of what the model may call now, best first."""
    call_id: str = ""
    """The call that searched."""
    tools: tuple[FoundTool, ...] = ()
    """The hits that are not in every request: they are in all that come, behind its beginning."""


class LateTool(Value):
    """A tool that was found, and where the conversation refers to it."""

    tool: FoundTool
    seq: int
    """Of the event."""
    message: int
    """The message with the search's result, counted from 0."""


def in_force(found: tuple[LateTool, ...]) -> tuple[LateTool, ...]:
    """Return each tool once, as it was found last, in the order in which they were found first."""
    return tuple({it.tool.name: it for it in found}.values())
