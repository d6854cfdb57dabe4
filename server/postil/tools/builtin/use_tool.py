"""`use_tool`: one stable way to tools that were found, for models that take no references to tools.

A call of it is the call of the tool that it names, for hooks, rules, the record and whoever watches (`ToolCall.meant`). What
comes here is the rest, which names none.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from postil.core.effects import Invocation
from postil.core.errors import InvalidInput, UnknownTool
from postil.core.messages import USE_TOOL, Value
from postil.core.ports import ToolPorts
from postil.core.revealing import shortened


class Params(Value):
    """Which tool, and what it is given."""

    name: Annotated[str, Field(min_length=1, max_length=128, description="The tool's name.")]
    input: Annotated[dict[str, JsonValue], Field(default_factory=dict, description="Its parameters.")]


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Raise InvalidInput or UnknownTool: nothing is used by way of this function."""
    del ports
    if params.name == USE_TOOL:
        raise InvalidInput(f"`{USE_TOOL}` does not use itself.", "Name the tool that was found.")
    raise UnknownTool(
        f"There is no tool named `{shortened(params.name)}` here.", "`find_tools` says what can be used."
    )
