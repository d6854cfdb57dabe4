"""`use_tool`: one stable way to tools that were found, for models that take no references to tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from postil.core.effects import Invocation
from postil.core.messages import ToolCall, Value
from postil.core.ports import ToolPorts


class Params(Value):
    """Which tool, and what it is given."""

    name: Annotated[str, Field(min_length=1, max_length=128, description="The tool's name.")]
    input: Annotated[dict[str, JsonValue], Field(default_factory=dict, description="Its parameters.")]


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Return what the tool itself would do: it is decided about as if it had been called by its name."""
    return await ports.others.used(ToolCall(id="", name=params.name, input=params.input))
