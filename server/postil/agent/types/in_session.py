"""What the agent type means within a session: the tools outside its pool, and the mode that it holds until that is left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from postil.core.agent_types import PROPOSE_PLAN
from postil.core.errors import OutsidePool, UnknownTool, UsageError
from postil.core.events import ConfigurationInForce
from postil.core.revealing import shortened
from postil.core.state import Workflow
from postil.permissions.modes import mode

PLAN = "plan"
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Words:
    """What the agent type contributes to every request of a session."""

    tools: tuple[str, ...]
    """The pool."""
    named: tuple[str, ...]
    """Of it, what the type names: that is in every request."""
    prompt: str | None
    """None in a session of a version that had no types on record."""


def words_of(workflow: Workflow, there: Collection[str]) -> Words:
    """Return what the model reads of a session's type and pool: the same as long as the session lasts.

    What came with a workspace is read only while that is trusted.
    """
    now, agent = workflow.configuration, workflow.agent
    tools = tuple(it for it in now.tools if it in there) if now is not None else ()
    if agent is None:
        return Words(tools, (), None)
    counts = agent.source != "workspace" or (now is not None and now.trusted)
    return Words(tools, agent.tools, agent.prompt if counts else "")


def check_pool(tool: str, configuration: ConfigurationInForce | None, there: Collection[str]) -> None:
    """Raise UnknownTool where a call wants what is not in the session's pool; OutsidePool where there is such a tool.

    `there` are the tools that exist. Without a configuration there is no pool.
    """
    in_pool = configuration.tools if configuration is not None else ()
    if tool in in_pool:
        return
    mend = f"The tools of this session are {', '.join(in_pool) or 'none'}."
    if tool not in there:
        raise UnknownTool(f"There is no tool named `{shortened(tool)}` here.", mend)
    its = f"the agent type {configuration.agent_type}" if configuration is not None else "this session"
    raise OutsidePool(f"`{tool}` is not among the tools of {its}, and nothing was done.", mend)


def chosen(workflow: Workflow, wanted: str, face: str) -> ConfigurationInForce | None:
    """Return the configuration once a person has chosen a mode; None where that changes nothing.

    Raises UsageError for a mode that does not exist, and for one that the agent type leaves no room for.
    """
    now, new = workflow.configuration, mode(wanted)
    if now is None:
        return None
    update = {"mode": new.name, "cause": f"mode changed by person in {face or 'a face'}"}
    if _leaves(workflow, now) and new.name != PLAN:
        return now.model_copy(update={**update, "held": "", "before": ""})
    if now.held and new.name != now.held and not new.tightens and not mode(now.mode).tightens:
        raise UsageError(
            f"Sessions of the agent type {now.agent_type} stay in mode {now.held}.",
            "Start a session of another type.",
        )
    if new.name == now.mode:
        return None
    return now.model_copy(update={**update, "before": now.mode if new.name == PLAN else ""})


def plan_approved(now: ConfigurationInForce) -> ConfigurationInForce:
    """Return the configuration once plan mode is over: the mode is the one from before, the pool the same."""
    back = (now.before or _DEFAULT) if now.mode == PLAN else now.mode
    return now.model_copy(update={"mode": back, "held": "", "before": "", "cause": "plan approved by person"})


def way_out(now: ConfigurationInForce | None) -> str:
    """Return what the model is told to do about a denial by the mode."""
    if now is None:
        return ""
    if PLAN in (now.held, now.mode) and PROPOSE_PLAN in now.tools:
        return f"A plan that the user approves ends plan mode: hand it in with `{PROPOSE_PLAN}`. "
    if now.held:
        return f"The agent type {now.agent_type} stays in mode {now.held}. "
    return "The user can switch the mode. "


def _leaves(workflow: Workflow, now: ConfigurationInForce) -> bool:
    """Whether the session is held in a plan mode that is meant to be left, by an approved plan or a person's choice."""
    return now.held == PLAN and workflow.agent is not None and workflow.agent.names(PROPOSE_PLAN)
