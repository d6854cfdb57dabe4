"""Budgets halt: there is one, and work that does not end by itself ends at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from postil.config.options import LimitOptions
from postil.core.events import TurnEnded
from postil.core.messages import Usage
from postil.core.spending import Allowance
from postil.guardrails.harness import Harness
from postil.guardrails.playing import Play, call
from postil.guardrails.report import Finding
from postil.guardrails.trial import Stuck, Trial, trial
from postil.model.catalog import DEFAULT_MODEL, entry

TITLE = "Budgets halt"

_STEPS = 5
_TOKENS = 60_000
_DOLLARS = 0.5
_RUNAWAY = 60
"""Replies after which work is said to have run away; far more than any of the limits here leaves room for."""
_MEND = "Install Postil anew"


async def check(harness: Harness) -> Sequence[Finding]:
    """Look whether anything is limited, and try the limits with small numbers: money, tokens, steps."""
    none = LimitOptions(turn="none", session="none", day="none")
    tokens = none.model_copy(update={"session_tokens": _TOKENS})
    money = none.model_copy(update={"session": _DOLLARS})
    return [
        *_set(harness),
        *await _tried(harness, "steps", {"max_steps": _STEPS, "limits": none}),
        *await _tried(harness, "tokens", {"max_steps": 1_000, "limits": tokens}),
        *await _tried(harness, "money", {"max_steps": 1_000, "limits": money, "model": DEFAULT_MODEL}),
    ]


def _set(harness: Harness) -> Iterator[Finding]:
    """Look at what the settings say."""
    options = harness.loaded.options
    limits, where = options.limits, "[limits]"
    tokens = [limits.turn_tokens, limits.session_tokens, limits.day_tokens]
    money = [limits.turn, limits.session, limits.day]
    if all(it == "none" for it in (*tokens, *money)):
        said = f"nothing is limited: a turn may spend whatever {options.max_steps:,} calls of the model cost"
        yield Finding(said, where, "Set a limit, such as `session = 2.0` or `day = 10.0`")
    elif all(it == "none" for it in tokens) and entry(options.model).price is None:
        said = f"the price of {options.model} is not known, so the limits in money do not hold"
        yield Finding(
            said, where, "Set one in tokens as well, such as `session_tokens = 2_000_000`", weak=True
        )


def _endless(place: int) -> Play:
    """Never come to an end, and use much with each reply."""
    if place >= _RUNAWAY:
        return Play(words="Done.")
    task = call("todo", items=[{"text": f"step {place}"}])
    return Play((task,), usage=Usage(input=8_000, output=200))


async def _tried(harness: Harness, what: str, options: dict[str, Any]) -> Sequence[Finding]:
    small = replace(
        harness.loaded, options=harness.loaded.options.model_copy(update={"max_seconds": 3_600.0, **options})
    )
    async with trial(replace(harness, loaded=small), _endless, limited=True) as place:
        try:
            session = await place.begin()
            await place.turn(session)
        except Stuck:
            return [Finding(f"work does not end at its limit of {what}", "", _MEND)]
        return list(
            _judged(place, what, session.state.workflow.spent.tokens, session.state.workflow.spent.cost)
        )


def _judged(place: Trial, what: str, tokens: int, cost: float) -> Iterator[Finding]:
    calls = len(place.model.requests)
    ends = [it.reason for it in place.events(TurnEnded)]
    most = {"steps": Allowance(), "tokens": Allowance(tokens=_TOKENS), "money": Allowance(cost=_DOLLARS)}[
        what
    ]
    over = (most.tokens is not None and tokens > most.tokens) or (most.cost is not None and cost > most.cost)
    if over or calls >= _RUNAWAY or (what == "steps" and calls > _STEPS):
        said = f"work went on past its limit of {what}: {calls} calls of the model, {tokens:,} tokens, ${cost:.2f}"
        yield Finding(said, "", _MEND)
    elif ends != ["max_turn_requests" if what == "steps" else "budget_exhausted"]:
        yield Finding(
            f"work ended otherwise than by its limit of {what}: {', '.join(ends) or 'not at all'}", "", _MEND
        )
