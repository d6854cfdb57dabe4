"""`ask_user`: the model's question to the person; the answer becomes the call's result."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from postil.core.effects import Access, Invocation, Preview, Result, RunContext, UserQuestion
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import revealed


def _choices(options: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if not options:
        return None
    if not 2 <= len(options) <= 4:
        raise ValueError("should be two to four options, or left out")
    if len(set(options)) < len(options):
        raise ValueError("should all be different")
    return options


class Params(Value):
    """What to ask."""

    question: Annotated[str, Field(min_length=1, max_length=2_000, description="The question.")]
    options: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] | None,
        AfterValidator(_choices),
        Field(description="Two to four answers to choose from; leave it out for a written answer."),
    ] = None


async def prepare(params: Params, _: ToolPorts) -> Invocation:
    """Hand the question on, which the session asks; nothing is touched."""
    question = UserQuestion(revealed(params.question), tuple(map(revealed, params.options or ())))

    async def run(_: RunContext) -> Result:
        return Result("Asked.", effects=(question,))

    return Invocation(
        title="Ask the user",
        kind="other",
        access=Access(),
        preview=Preview(subject=question.text),
        run=run,
    )
