"""What a session begins with: type, trust and capabilities, fixed from its start and on record; and what one that goes on keeps of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from postil.agent.types.agent_type import AgentType
from postil.agent.types.collection import AgentTypes
from postil.core.agent_types import AgentTypeInForce, TypeLimits
from postil.core.events import ConfigurationInForce, Limits
from postil.core.spending import Allowance
from postil.core.state import Workflow
from postil.permissions.modes import mode
from postil.tools.tool import Need, ToolSpec


@dataclass(frozen=True, slots=True)
class Beginning:
    """Makes the configuration of sessions."""

    types: AgentTypes
    default: str
    """The agent type where nobody names one."""
    specs: Callable[[], Iterable[ToolSpec]]
    """The tools that there are."""
    given: Callable[[], ConfigurationInForce]
    """What settings, flags and trust say, types aside."""
    interactive: bool

    async def new(
        self, agent: str | None = None, chosen: str | None = None
    ) -> tuple[AgentTypeInForce, ConfigurationInForce]:
        """Return what a new session begins with, in the type and the mode that are named.

        Raises UsageError: a type that cannot be had is never another one.
        """
        found = await asyncio.to_thread(self.types.find, agent or self.default)
        return found.on_record(), self.under(found, chosen)

    def under(self, found: AgentType, chosen: str | None = None) -> ConfigurationInForce:
        """Return what a new session of a type runs under. Raises UsageError for a mode that does not exist."""
        given = self.given()
        update = {
            "agent_type": found.name,
            "held": found.held,
            "mode": mode(chosen).name if chosen is not None else given.mode,
            "tools": pool(found.spec.tools, self.specs(), self._capabilities(given)),
            "limits": lowered(given.limits, found.spec.limits),
        }
        return given.model_copy(update=update)

    def again(self, workflow: Workflow) -> ConfigurationInForce:
        """Return what a session goes on under: its type, its modes and its pool stay as they were begun.

        A tool that is not there any more is in no pool; one that came since is in none that was made before.
        """
        given, old = self.given(), workflow.configuration
        if old is None:
            return given
        there = {it.name for it in self.specs()}
        limits = workflow.agent.limits if workflow.agent is not None else TypeLimits()
        update = {
            "agent_type": old.agent_type,
            "mode": old.mode,
            "held": old.held,
            "before": old.before,
            "tools": tuple(it for it in old.tools if it in there),
            "limits": lowered(given.limits, limits),
        }
        return given.model_copy(update=update)

    def _capabilities(self, given: ConfigurationInForce) -> frozenset[Need]:
        met: dict[Need, bool] = {"person": self.interactive, "trust": given.trusted}
        return frozenset(it for it, is_met in met.items() if is_met)


def pool(
    named: Collection[str], specs: Iterable[ToolSpec], capabilities: Collection[Need]
) -> tuple[str, ...]:
    """Return the tools of a session, sorted: those that the type names and whose needs are met."""
    of_type = AgentTypeInForce(name="", title="", source="built_in", tools=tuple(named), mode="")
    return tuple(
        sorted(it.name for it in specs if of_type.names(it.name) and set(it.needs) <= set(capabilities))
    )


def lowered(limits: Limits, by: TypeLimits) -> Limits:
    """Return the limits, each as low as the lower of the two says."""
    return limits.model_copy(
        update={
            "steps": min(limits.steps, by.steps or limits.steps),
            "seconds": min(limits.seconds, by.seconds or limits.seconds),
            "turn": _allowance(limits.turn, by.turn_tokens, by.turn),
            "session": _allowance(limits.session, by.session_tokens, by.session),
        }
    )


def _allowance(most: Allowance, tokens: int | None, cost: float | None) -> Allowance:
    return most.model_copy(
        update={
            "tokens": min((it for it in (most.tokens, tokens) if it is not None), default=None),
            "cost": min((it for it in (most.cost, cost) if it is not None), default=None),
        }
    )
