"""Skills, with those that do not count and why."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.contributions.contribution import Contribution, Here, Ruled, State, without_trust
from postil.agent.contributions.ruling import ruled_added
from postil.core.effects import Added
from postil.core.skills import SKILL, SkillOwner
from postil.tools.skills.library import Found

TIERS: dict[SkillOwner, str] = {"built-in": "builtin", "user": "user", "workspace": "workspace"}


def skills(here: Here) -> Sequence[Contribution]:
    """Return every skill, and what is wrong with the files that are none."""
    return [_told(it, here) for it in here.skills]


def _told(it: Found, here: Here) -> Contribution:
    state, why = _state(it, here)
    return Contribution(
        kind="skill",
        name=it.row.name,
        title=it.row.description,
        tier=TIERS[it.row.owner],
        source=_source(it),
        effects=_effects(it),
        rule=_ruled(it, here),
        state=state,
        why=why,
    )


def _state(it: Found, here: Here) -> tuple[State, str]:
    if it.state:
        return "off", without_trust(it.state, here)
    if SKILL not in here.pool:
        return "off", f"the agent type {here.default} does not have the tool `{SKILL}`"
    if here.begun_with is not None and it.row.path not in here.begun_with:
        return "off", "the session began without it; a new one has it"
    return "deferred", "its description is in every request, and what it says is read when a task fits"


def _source(it: Found) -> str:
    line = next((one.line for one in it.flaws if one.severity == "error"), 0)
    return f"{it.row.path}:{line}" if line else it.row.path


def _effects(it: Found) -> str:
    if it.state:
        return "nothing"
    if it.allowed is None:
        return "instructs"
    return f"instructs, and while it is active leaves out every tool but {', '.join(it.allowed) or 'a few'}"


def _ruled(it: Found, here: Here) -> Ruled:
    if it.state:
        return Ruled("deny", "it does not count")
    if it.row.owner == "built-in":
        return Ruled("allow", "it came with Postil, and permits nothing")
    return ruled_added(Added("skill", it.row.name), here.policy)
