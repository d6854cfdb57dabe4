"""Slash commands: prompt files and skills by their names, with those that do not count and why."""

from __future__ import annotations

from collections.abc import Sequence

from postil.agent.commanding.listing import CommandRow, command_rows
from postil.agent.contributions.contribution import Contribution, Here, Ruled, State, without_trust
from postil.agent.contributions.ruling import ruled_added
from postil.agent.contributions.skills import TIERS
from postil.core.effects import Added
from postil.core.skills import SKILL


def slash_commands(here: Here) -> Sequence[Contribution]:
    """Return every slash command."""
    return [_told(it, here) for it in command_rows(here.prompts, here.skills)]


def _told(it: CommandRow, here: Here) -> Contribution:
    state, why = _state(it, here)
    put = "puts the words of a file into the prompt" if it.kind == "prompt" else "loads a skill"
    return Contribution(
        kind="slash command",
        name=f"/{it.name}",
        title=it.description,
        tier=TIERS[it.owner],
        source=it.path,
        effects=put if state != "off" else "nothing",
        rule=_ruled(it, state, here),
        state=state,
        why=why,
    )


def _ruled(it: CommandRow, state: State, here: Here) -> Ruled:
    if state == "off":
        return Ruled("deny", "it cannot be used")
    if it.kind == "skill" and it.owner != "built-in":
        found = ruled_added(Added("skill", it.name), here.policy)
        if found.verdict == "deny":
            return found
    return Ruled("allow", "a person names it, and it permits nothing")


def _state(it: CommandRow, here: Here) -> tuple[State, str]:
    if it.state == "off":
        return "off", without_trust(it.why, here)
    if it.kind == "skill" and SKILL not in here.pool:
        return "off", f"the agent type {here.default} does not have the tool `{SKILL}`"
    if it.kind == "skill" and here.begun_with is not None and it.path not in here.begun_with:
        return "off", "the session began without it; a new one has it"
    if it.agent:
        return "deferred", f"a prompt that begins with it uses it, in sessions of the agent type {it.agent}"
    return "deferred", "a prompt that begins with it uses it"
