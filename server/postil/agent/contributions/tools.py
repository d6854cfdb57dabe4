"""Tools in force: Postil's own, and those of servers that are there now."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.contributions.contribution import Contribution, Here, State
from postil.agent.contributions.effects import effect_words
from postil.agent.contributions.ruling import ruled
from postil.tools.tool import Tool


def tools(here: Here) -> Sequence[Contribution]:
    """Return every tool."""
    return [_told(it, here) for it in here.registry.every()]


def _told(tool: Tool, here: Here) -> Contribution:
    state, why = _state(tool, here)
    return Contribution(
        kind="tool",
        name=tool.spec.name,
        title=tool.spec.title,
        tier=tool.tier,
        source=tool.origin,
        effects=effect_words(tool.effects),
        rule=ruled(tool, here),
        state=state,
        why=why,
        icon=tool.spec.icon,
    )


def _state(tool: Tool, here: Here) -> tuple[State, str]:
    if tool.added is not None:
        return "deferred", "a search finds it"
    stands_in = tool.spec.deferral == "unreferenced"
    if stands_in and here.references:
        return "off", "the model takes references to tools, so it needs no other way to them"
    if tool.spec.name not in here.pool:
        needs = f"it needs {' and '.join(tool.spec.needs)}, or " if tool.spec.needs else ""
        return "off", f"{needs}the agent type {here.default} does not have it"
    if tool.spec.deferral == "deferred":
        return "deferred", "a search finds it"
    return "loaded", "the model takes no references to tools" if stands_in else ""
