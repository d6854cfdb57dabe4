"""What a session begins with: type, trust and capabilities, fixed from its start and on record; and what one that goes on keeps of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from postil.agent.budgets.accounts import lower
from postil.agent.delegating.above import modes_of, unlimited
from postil.agent.types.agent_type import AgentType
from postil.agent.types.collection import AgentTypes
from postil.core.agent_types import (
    AS_CHOSEN,
    BUILD,
    EVERY_TOOL,
    PROPOSE_PLAN,
    AgentTypeInForce,
    OfferedType,
    TypeLimits,
)  # fmt: skip
from postil.core.delegation import DELEGATE
from postil.core.errors import UsageError
from postil.core.events import ConfigurationInForce, Limits
from postil.core.faces import acted_in
from postil.core.revealing import shortened
from postil.core.spending import Allowance
from postil.core.state import Workflow
from postil.model.catalog import traits
from postil.permissions.modes import mode
from postil.tools.tool import Need, ToolSpec

_BEFORE_TYPES = AgentTypeInForce(name=BUILD, title="", source="built_in", tools=(EVERY_TOOL,), mode=AS_CHOSEN)
"""What sessions were in versions that had no types on record."""
_LONGEST_NAME = 200
"""Characters of the name of a model."""
FOR_SUB_AGENTS = """\
You work for another agent, which gave you this task. It gets your last message and nothing else: neither what you read nor what you said before.
- Do the task, and no more than it. Nobody tells you more; where something is open, choose what is most likely meant and say so.
- End with a message that answers everything the task asks for, with the places as `path:line`, and with what you did not do or are not sure of."""
"""What the model of a sub-agent reads beside the words of its type."""


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
    deepest: int = 0
    """How many sub-agents may stand one below the other."""

    async def new(
        self, agent: str | None = None, chosen: str | None = None, model: str | None = None
    ) -> tuple[AgentTypeInForce, ConfigurationInForce]:
        """Return what a new session begins with, in the type, the mode and the model that are named.

        Raises UsageError: a type that cannot be had is never another one.
        """
        found, offered = await asyncio.to_thread(self._look_up, agent or self.default)
        configuration = self.under(found.on_record(), chosen, model)
        return _on_record(found, configuration, offered), configuration

    async def below(
        self, agent: str, above: Workflow, depth: int
    ) -> tuple[AgentTypeInForce, ConfigurationInForce]:
        """Return what a sub-agent of a type begins with: within the pool, the modes and the limits of the session above.

        `depth` is how many sessions stand above it. Raises UsageError for a type that cannot be had.
        """
        found, offered = await asyncio.to_thread(self._look_up, agent)
        now = above.configuration
        if now is None:
            raise UsageError("This session has no configuration, so it can hand none down.")
        needs = self._capabilities(self.given(), depth)
        its = pool(found.spec.tools, self.specs(), needs, references=references(now))
        configuration = now.model_copy(
            update={
                "agent_type": found.name,
                "held": found.held,
                "handed": modes_of(above),
                "before": "",
                "tools": tuple(it for it in its if it in now.tools and it != PROPOSE_PLAN),
                "limits": lowered(unlimited(now.limits), found.spec.limits),
                "cause": "begun as a sub-agent",
            }
        )
        record = _on_record(found, configuration, offered)
        named = record.tools if EVERY_TOOL not in record.tools else (above.agent.tools if above.agent else ())
        kept = tuple(it for it in named if above.agent is None or above.agent.names(it))
        return record.model_copy(
            update={"tools": kept, "prompt": f"{record.prompt}\n{FOR_SUB_AGENTS}".lstrip()}
        ), configuration

    def _look_up(self, name: str) -> tuple[AgentType, tuple[OfferedType, ...]]:
        collected = self.types.collect()
        return self.types.find(name, collected), tuple(
            OfferedType(name=it.name, when=it.spec.when, source=it.source) for it in collected.types
        )

    def under(
        self, found: AgentTypeInForce, chosen: str | None = None, model: str | None = None
    ) -> ConfigurationInForce:
        """Return what a new session of a type runs under. Raises UsageError for a mode that does not exist."""
        given = _with_model(self.given(), model)
        needs = self._capabilities(given, 0)
        update = {
            "agent_type": found.name,
            "held": found.held,
            "mode": mode(chosen).name if chosen is not None else given.mode,
            "tools": pool(found.tools, self.specs(), needs, references=references(given)),
            "limits": lowered(given.limits, found.limits),
        }
        return given.model_copy(update=update)

    def again(self, workflow: Workflow) -> ConfigurationInForce:
        """Return what a session goes on under: its type, its modes and its pool stay as they were begun.

        A tool that is not there any more is in no pool; one that came since is in none that was made before. What stands in
        for references to tools comes and goes with the model, which every request begins with anyhow.
        """
        old = workflow.configuration
        given = _with_model(self.given(), old.model if old is not None and old.model_chosen else None)
        if old is None:
            # It was killed between its first events.
            return self.under(workflow.agent or _BEFORE_TYPES)
        limits = workflow.agent.limits if workflow.agent is not None else TypeLimits()
        update = {
            "agent_type": old.agent_type,
            "mode": old.mode,
            "held": old.held,
            "before": old.before,
            "tools": self._kept(old, given, workflow.agent or _BEFORE_TYPES),
            "limits": lowered(given.limits, limits),
        }
        return given.model_copy(update=update)

    def with_model(self, workflow: Workflow, model: str, face: str) -> ConfigurationInForce | None:
        """Return the configuration once a person has chosen a model; None where that changes nothing.

        Raises UsageError for what is no name of a model.
        """
        old = workflow.configuration
        if not model or len(model) > _LONGEST_NAME or not model.isprintable() or " " in model:
            raise UsageError(
                f"{shortened(model)!r} is no name of a model.",
                "Name one, such as one that `/model ` is completed to.",
            )
        if old is None or (old.model == model and old.model_chosen):
            return None
        new = _with_model(old, model)
        update = {
            "tools": self._kept(old, new, workflow.agent or _BEFORE_TYPES),
            "cause": f"model changed by person{acted_in(face)}",
        }
        return new.model_copy(update=update)

    def _kept(
        self, old: ConfigurationInForce, given: ConfigurationInForce, agent: AgentTypeInForce
    ) -> tuple[str, ...]:
        """Return the pool of a session that goes on."""
        specs = {it.name: it for it in self.specs()}
        kept = {it for it in old.tools if it in specs}
        if references(old) != references(given):
            stand_in = {it.name for it in specs.values() if it.deferral == "unreferenced"}
            now = pool(
                agent.tools, specs.values(), self._capabilities(given, 0), references=references(given)
            )
            kept = (kept - stand_in) | (stand_in & {*now})
        return tuple(sorted(kept))

    def _capabilities(self, given: ConfigurationInForce, depth: int) -> frozenset[Need]:
        return capabilities(person=self.interactive, trusted=given.trusted, sub_agents=depth < self.deepest)


def _with_model(given: ConfigurationInForce, model: str | None) -> ConfigurationInForce:
    """Return the configuration with the model that a person has chosen, where one has."""
    return given if model is None else given.model_copy(update={"model": model, "model_chosen": True})


def capabilities(*, person: bool, trusted: bool, sub_agents: bool) -> frozenset[Need]:
    """Return what a session is not without: somebody to ask, a workspace that is trusted, room for sub-agents."""
    met: dict[Need, bool] = {"person": person, "trust": trusted, "sub-agents": sub_agents}
    return frozenset(it for it, is_met in met.items() if is_met)


def _on_record(
    found: AgentType, configuration: ConfigurationInForce, offered: tuple[OfferedType, ...]
) -> AgentTypeInForce:
    """Return the type as a session keeps it, with the types that its sub-agents can be of where it can have any."""
    return found.on_record().model_copy(
        update={"offered": offered if DELEGATE in configuration.tools else ()}
    )


def references(configuration: ConfigurationInForce) -> bool:
    """Whether the session's model takes references to tools, so that it needs no stand-in for them."""
    return traits(configuration.model).references


def pool(
    named: Collection[str], specs: Iterable[ToolSpec], capabilities: Collection[Need], *, references: bool
) -> tuple[str, ...]:
    """Return the tools of a session, sorted: those that the type names and whose needs are met.

    `references` says whether its model takes references to tools: such a session has no tool that stands in for them.
    """
    of_type = AgentTypeInForce(name="", title="", source="built_in", tools=tuple(named), mode="")
    met = (it for it in specs if of_type.names(it.name) and set(it.needs) <= set(capabilities))
    return tuple(sorted(it.name for it in met if not (references and it.deferral == "unreferenced")))


def lowered(limits: Limits, by: TypeLimits) -> Limits:
    """Return the limits, each as low as the lower of the two says."""
    return limits.model_copy(
        update={
            "steps": min(limits.steps, by.steps or limits.steps),
            "seconds": min(limits.seconds, by.seconds or limits.seconds),
            "turn": lower(limits.turn, Allowance(tokens=by.turn_tokens, cost=by.turn)),
            "session": lower(limits.session, Allowance(tokens=by.session_tokens, cost=by.session)),
        }
    )
