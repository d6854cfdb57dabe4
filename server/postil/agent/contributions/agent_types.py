"""Agent types in force, and the files that are none."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.contributions.contribution import Contribution, Here, Ruled, State, without_trust
from postil.agent.types.agent_type import AgentType
from postil.agent.types.limits_told import in_force, limit_words
from postil.core.agent_types import EVERY_TOOL, TypeSource
from postil.permissions.modes import mode

_TIERS: dict[TypeSource, str] = {"built_in": "builtin", "user": "user", "workspace": "workspace"}


def agent_types(here: Here) -> Sequence[Contribution]:
    """Return every type, and what is wrong with the other files."""
    found = [_told(it, here) for it in here.collected.types]
    faults = [_off(it.name, it.source, f"{it.file}:{it.line}", it.message) for it in here.collected.faults]
    why = without_trust("the workspace is not trusted", here)
    return [*found, *faults, *(_off(it.stem, "workspace", str(it), why) for it in here.collected.restricted)]


def _told(it: AgentType, here: Here) -> Contribution:
    state: State = "loaded" if it.name == here.default else "deferred"
    tools = "all tools" if EVERY_TOOL in it.spec.tools else f"the tools {', '.join(it.spec.tools)}"
    limits = limit_words(in_force(it.spec.limits, here.limits))
    effects = tools if it.spec.tools else "no tools"
    return Contribution(
        kind="agent type",
        name=it.name,
        title=it.spec.title,
        tier=_TIERS[it.source],
        source=it.file or "Postil",
        effects=f"{effects}; at most {limits}" if limits else effects,
        rule=_ruled(it, here),
        state=state,
        why="sessions have it where none is named" if state == "loaded" else "sessions that name it have it",
    )


def _ruled(it: AgentType, here: Here) -> Ruled:
    if not it.held:
        return Ruled("as chosen", f"the mode that you choose, now {here.mode}")
    return Ruled("narrows", f"it holds the mode {it.held}: {mode(it.held).summary.rstrip('.')}")


def _off(name: str, source: TypeSource, file: str, why: str) -> Contribution:
    return Contribution(
        kind="agent type",
        name=name,
        title="",
        tier=_TIERS[source],
        source=file,
        effects="nothing",
        rule=Ruled("deny", "no session can have it"),
        state="off",
        why=why,
    )
