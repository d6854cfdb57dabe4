"""`delegate`: a task for a sub-agent, of which only the result comes back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from postil.core.delegation import Task
from postil.core.effects import Access, Fact, Invocation, Preview, Result, RunContext
from postil.core.errors import ToolError
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import one_line, revealed

NAME = 80
"""Characters of a task's name."""


class Params(Value):
    """What is to be done, and by whom."""

    agent: Annotated[str, Field(min_length=1, max_length=32, description="The agent type, by its name.")]
    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME),
        Field(description="The task in three to eight words, for the user."),
    ]
    task: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
        Field(description="All that the sub-agent is told."),
    ]


async def prepare(params: Params, _: ToolPorts) -> Invocation:
    """Say who would do what. The sub-agent's own calls are decided about when it makes them."""
    agent, title = one_line(params.agent), one_line(params.name, NAME)
    task = Task(agent, title, revealed(params.task))

    async def run(context: RunContext) -> Result:
        if context.delegate is None:
            raise ToolError("There are no sub-agents here.", "Do the task yourself.")
        return await context.delegate(task)

    return Invocation(
        title=f"{agent}: {title}",
        kind="other",
        access=Access(subagent=(agent, task.text)),
        preview=Preview(subject=task.text, facts=(Fact(name="runs", text=f"a sub-agent of type {agent}"),)),
        run=run,
    )
