"""Agent types: every file is one, its pool and its mode hold whatever is called, and Postil's own do no more than they promise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from postil.agent.types.agent_type import AgentType
from postil.agent.types.collection import Collected
from postil.core.agent_types import EVERY_TOOL
from postil.core.events import AgentTypeInForce, CallStarted, ConfigurationInForce, Limits
from postil.core.messages import ToolCall
from postil.core.spending import Allowance
from postil.guardrails.harness import Harness
from postil.guardrails.report import Finding
from postil.guardrails.samples import every
from postil.guardrails.tree import changed
from postil.guardrails.trial import Trial, trial
from postil.permissions.modes import mode

TITLE = "Agent types only narrow, and hold"

_PROMISED: Mapping[str, str] = {
    "explore": "reads", "guide": "reads", "plan": "reads", "review": "reads", "verify": "edits nothing",
}  # fmt: skip
"""What Postil's own types are trusted to be: the mode that they hold has to see to it."""


async def check(harness: Harness) -> Sequence[Finding]:
    """Look at every file, and run a session of every type in which everything is called."""
    async with trial(harness, limited=True) as place:
        collected = await asyncio.to_thread(place.app.types.collect)
        found = [*_faults(collected), *_promises(collected), *_limits(place, collected)]
    for it in collected.types:
        found += await _tried(harness, it)
    return found


def _faults(collected: Collected) -> Iterator[Finding]:
    for it in collected.faults:
        yield Finding(it.message, f"{it.file}:{it.line}", "Mend the file, or take it away")


def _promises(collected: Collected) -> Iterator[Finding]:
    named = {it.name: it for it in collected.types if it.source == "built_in"}
    for name, promise in _PROMISED.items():
        if name not in named:
            yield Finding("the built-in type is not there", name, "Install Postil anew")
            continue
        held = mode(named[name].held) if named[name].held else None
        no_edits = held is not None and any(it.text == "Edit" and it.verdict == "deny" for it in held.rules)
        if not no_edits or (promise == "reads" and held is not None and not held.only_reads):
            said = (
                f"the built-in type {name} {promise}, and the mode {named[name].spec.mode} does not see to it"
            )
            yield Finding(said, name, "Install Postil anew")


def _limits(place: Trial, collected: Collected) -> Iterator[Finding]:
    beginning = place.app.why.beginning
    given = beginning.given().limits
    for it in collected.types:
        if not _within(beginning.under(it.on_record()).limits, given):
            yield Finding(
                "a session of it may spend more than the settings allow", it.name, "Install Postil anew"
            )


def _within(limits: Limits, most: Limits) -> bool:
    pairs = ((limits.turn, most.turn), (limits.session, most.session), (limits.day, most.day))
    less = all(_less(one, other) for one, other in pairs)
    return less and limits.steps <= most.steps and limits.seconds <= most.seconds


def _less(one: Allowance, other: Allowance) -> bool:
    each = ((one.tokens, other.tokens), (one.cost, other.cost))
    return all(most is None or (it is not None and it <= most) for it, most in each)


async def _tried(harness: Harness, agent: AgentType) -> Sequence[Finding]:
    """Have everything called in a session of the type, with rules that allow it and a person who agrees."""
    plays = await asyncio.to_thread(every)
    async with trial(harness, plays, allow=("Edit", "Bash", "WebFetch")) as place:
        before = place.files()
        await place.turn(await place.begin(agent.name))
        return list(_held(place, agent, plays[-1].calls, changed(before, place.files())))


def _held(
    place: Trial, agent: AgentType, made: Sequence[ToolCall], written: Sequence[str]
) -> Iterator[Finding]:
    where = agent.file or agent.name
    (kept,), configuration = place.events(AgentTypeInForce), place.events(ConfigurationInForce)[0]
    if kept.tools != agent.spec.tools or configuration.held != agent.held:
        yield Finding(
            "its sessions are on record with other tools or another mode", where, "Install Postil anew"
        )
    begun = {it.call_id for it in place.events(CallStarted)}
    finished = place.finished()
    for it in made:
        outside = EVERY_TOOL not in agent.spec.tools and it.name not in agent.spec.tools
        end = finished.get(it.id)
        if outside and (it.id in begun or (end is not None and end.outcome == "completed")):
            yield Finding(
                f"a session of it used `{it.name}`, which the type does not name",
                where,
                "Install Postil anew",
            )
    held = mode(agent.held) if agent.held else None
    if held is not None and held.only_reads and written:
        said = f"a session of it wrote {', '.join(written)}, in spite of the mode {agent.held}"
        yield Finding(said, where, "Install Postil anew, or take out the tool that wrote it")
