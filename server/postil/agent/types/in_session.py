"""What the agent type means within a session: the tools outside its pool, and the mode that it holds until that is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from postil.core.agent_types import PROPOSE_PLAN
from postil.core.delegation import DELEGATE
from postil.core.errors import OutsidePool, UnknownTool, UsageError
from postil.core.events import ConfigurationInForce
from postil.core.faces import acted_in
from postil.core.found import OF_SERVERS
from postil.core.messages import USE_TOOL
from postil.core.ports import ToolSchema
from postil.core.revealing import shortened
from postil.core.state import CallState, Workflow
from postil.permissions.modes import mode
from postil.tools.registry import FIND
from postil.tools.session_tools import SessionTools

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
    offered: tuple[str, ...] = ()
    """The types that its sub-agents can be of, a line each."""


def words_of(workflow: Workflow, there: Collection[str]) -> Words:
    """Return what the model reads of a session's type and pool: the same as long as the session lasts.

    What came with a workspace is read only while that is trusted.
    """
    now, agent = workflow.configuration, workflow.agent
    tools = tuple(it for it in now.tools if it in there) if now is not None else ()
    if agent is None:
        return Words(tools, (), None)
    counts = agent.source != "workspace" or (now is not None and now.trusted)
    trusted = now is not None and now.trusted
    offered = (f"`{it.name}`: {it.when}" for it in agent.offered if trusted or it.source != "workspace")
    return Words(tools, agent.tools, agent.prompt if counts else "", tuple(offered))


def with_offered(tools: Sequence[ToolSchema], offered: Sequence[str]) -> tuple[ToolSchema, ...]:
    """Return the tools as the model sees them, with the agent types that sub-agents can be of where there can be any."""
    if not offered:
        return tuple(tools)
    lines = "\n".join(f"- {it}" for it in offered)
    return tuple(
        replace(it, description=f"{it.description}\n\nAgent types:\n{lines}") if it.name == DELEGATE else it
        for it in tools
    )


def session_tools(workflow: Workflow) -> SessionTools:
    """Return the tools that a session has: without a configuration none.

    A tool of a server may come at any time, so it is held against what the type says, once the session can look for such at all.
    """
    now, agent = workflow.configuration, workflow.agent
    pool = now.tools if now is not None else ()

    def added(name: str) -> bool:
        return not {FIND, USE_TOOL}.isdisjoint(pool) and (agent is None or agent.names(name))

    return SessionTools(pool, agent.tools if agent is not None else (), added)


def check_pool(call: CallState, workflow: Workflow, there: Collection[str]) -> None:
    """Raise OutsidePool where a call wants a tool that the session does not have; UnknownTool where there is no such tool.

    `there` are Postil's own. What the model called for it is held against the pool as well.
    """
    for tool in filter(None, (call.through, call.as_wanted.name)):
        _check(tool, workflow, there)


def _check(tool: str, workflow: Workflow, there: Collection[str]) -> None:
    has, now = session_tools(workflow), workflow.configuration
    if tool in has.pool or (tool not in there and has.added(tool)):
        return
    mend = f"The tools of this session are {', '.join(has.pool) or 'none'}."
    if tool not in there and not tool.startswith(OF_SERVERS):
        raise UnknownTool(f"There is no tool named `{shortened(tool)}` here.", mend)
    its = f"the agent type {now.agent_type}" if now is not None else "this session"
    raise OutsidePool(f"`{shortened(tool)}` is not among the tools of {its}, and nothing was done.", mend)


def servers_told(workflow: Workflow, lines: Sequence[str]) -> Sequence[str]:
    """Return what the model is told of servers of tools: nothing in a session that cannot look for their tools."""
    now = workflow.configuration
    return lines if now is not None and FIND in now.tools else ()


def chosen(workflow: Workflow, wanted: str, face: str) -> ConfigurationInForce | None:
    """Return the configuration once a person has chosen a mode; None where that changes nothing.

    Raises UsageError for a mode that does not exist, and for one that the agent type leaves no room for.
    """
    now, new = workflow.configuration, mode(wanted)
    if now is None:
        return None
    update = {"mode": new.name, "cause": f"mode changed by person{acted_in(face)}"}
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
