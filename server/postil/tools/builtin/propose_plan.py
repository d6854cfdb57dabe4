"""`propose_plan`: hands in a plan; a person's yes to it ends plan mode."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from postil.core.effects import Access, Invocation, PlanApproved, Preview, Result, RunContext
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import revealed

_APPROVED = "The user approved the plan. Plan mode is over: carry the plan out. What edits or runs is asked about as elsewhere."


class Params(Value):
    """What to hand in."""

    plan: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
        Field(description="The whole plan, in Markdown."),
    ]


async def prepare(params: Params, _: ToolPorts) -> Invocation:
    """Show the plan; that it ends plan mode is decided about, and done by the session."""
    plan = revealed(params.plan)

    async def run(_: RunContext) -> Result:
        return Result(_APPROVED, effects=(PlanApproved(),))

    return Invocation(
        title="Propose a plan",
        kind="switch_mode",
        access=Access(plan=plan),
        preview=Preview(subject=plan),
        run=run,
    )
