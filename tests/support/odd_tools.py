"""A pool of tools in which some calls behave as no real tool should."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from postil.core.effects import Invocation, Result, RunContext
from postil.core.messages import ToolCall
from postil.core.ports import ToolPorts
from postil.tools.session_tools import SessionTools
from tests.support.few_tools import registry

Run = Callable[[RunContext], Awaitable[Result]]
Twist = Callable[[Run, RunContext], Awaitable[Result]]
"""What happens when a call runs, given how it should run."""


class OddTools:
    """The real tools, but calls of some ids run with a twist, and some cannot even be prepared."""

    def __init__(
        self, twists: Mapping[str, Twist] | None = None, unprepared: Mapping[str, Exception] | None = None
    ) -> None:
        self.twists = dict(twists or {})
        self.unprepared = dict(unprepared or {})

    @property
    def names(self) -> tuple[str, ...]:
        return registry.names

    def beside(self, name: str) -> str:
        return registry.beside(name)

    async def prepare(self, call: ToolCall, ports: ToolPorts, has: SessionTools) -> Invocation:
        if call.id in self.unprepared:
            raise self.unprepared[call.id]
        invocation = await registry.prepare(call, ports, has)
        twist = self.twists.get(call.id)
        if twist is None:
            return invocation

        async def run(context: RunContext) -> Result:
            return await twist(invocation.run, context)

        return replace(invocation, run=run)
