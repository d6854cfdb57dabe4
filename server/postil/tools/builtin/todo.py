"""`todo`: the plan of the work, shown to the person."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from postil.core.effects import Access, Invocation, Result, RunContext, TodoChanged, TodoItem
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.tools.output import counted


class Item(Value):
    """One line of the plan."""

    text: Annotated[
        str, Field(min_length=1, max_length=300, description="What will be done, in a few words.")
    ]
    status: Annotated[
        Literal["pending", "in_progress", "completed", "cancelled"], Field(description="How far it is.")
    ] = "pending"


class Params(Value):
    """The whole plan."""

    items: Annotated[
        tuple[Item, ...], Field(max_length=50, description="All items in order; they replace the plan.")
    ]


async def prepare(params: Params, _: ToolPorts) -> Invocation:
    """Hand the plan on; nothing is touched."""
    items = tuple(TodoItem(text=item.text, status=item.status) for item in params.items)

    async def run(_: RunContext) -> Result:
        return Result(_summary(items), effects=(TodoChanged(items),), details={"items": len(items)})

    return Invocation(title="Update the plan", kind="think", access=Access(), run=run)


def _summary(items: tuple[TodoItem, ...]) -> str:
    if not items:
        return "The plan is empty now."
    done = sum(item.status == "completed" for item in items)
    return f"The plan has {counted(len(items), 'item')}, {done} completed."
