"""Trying all invariants, one after another: the table of them, and what becomes of one that cannot be tried."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from postil.core.errors import PostilError
from postil.guardrails.harness import Harness
from postil.guardrails.invariants import (
    budgets,
    denied,
    hooks,
    metadata,
    modes,
    prefix,
    protected,
    reads,
    resume,
    rules,
    servers,
    settings,
    skills,
    stops,
    types,
)
from postil.guardrails.report import Finding, Outcome, Report
from postil.guardrails.trial import Stuck, take_time, trial

log = logging.getLogger(__name__)

_STUCK = Finding(
    "it could not be tried: the work did not end in time, also when it was tried alone",
    "",
    "The machine may be busy: run `postil guardrails` again when it is not",
    untried=True,
)
_AT_ONCE = 4
"""Invariants that are tried beside each other: most of the time goes into waiting for the disk."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One of them."""

    name: str
    title: str
    check: Callable[[Harness], Awaitable[Sequence[Finding]]]


INVARIANTS = tuple(
    Invariant(it.__name__.rpartition(".")[2], it.TITLE, it.check)
    for it in (
        settings, metadata, rules, denied, modes, protected, types, skills, hooks, reads, servers, budgets, stops, resume, prefix,
    )
)  # fmt: skip
"""All of them. A new one is a file in `invariants`, and its name here."""


async def examine(harness: Harness, digest: str, only: Sequence[str] = ()) -> Report:
    """Try all of them, or those that are named. Never raises: what cannot be tried does not hold."""
    since = time.monotonic()
    unusable = await _unusable(harness)
    chosen = [it for it in INVARIANTS if not only or it.name in only]
    if unusable:
        chosen = [it for it in INVARIANTS if it.check is settings.check]
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(it: Invariant) -> Outcome:
        async with at_once:
            return await _tried(it, harness, unusable)

    outcomes = await asyncio.gather(*map(one, chosen))
    # What did not end may have waited for the others, or for a machine that is busy: each by itself, with more time.
    outcomes = [
        await asyncio.create_task(_again(it, harness, unusable)) if found.stuck else found
        for it, found in zip(chosen, outcomes, strict=True)
    ]
    return Report(digest, tuple(outcomes), time.monotonic() - since)


async def _tried(it: Invariant, harness: Harness, before: Sequence[Finding]) -> Outcome:
    try:
        found = [*before, *await it.check(harness)]
    except Stuck:
        return Outcome(it.name, it.title, (_STUCK,), stuck=True)
    except PostilError as error:
        found = [_told(error)]
    except Exception as error:
        log.exception("the invariant %s", it.name)
        said = f"it could not be tried: {type(error).__name__}: {error}"
        found = [Finding(said, "", "Mend what the log names, or install Postil anew", untried=True)]
    return Outcome(it.name, it.title, tuple(found))


async def _again(it: Invariant, harness: Harness, before: Sequence[Finding]) -> Outcome:
    take_time()
    return await _tried(it, harness, before)


async def _unusable(harness: Harness) -> Sequence[Finding]:
    """Return why no session can begin in the harness at all; nothing where one can."""
    try:
        async with trial(harness):
            return ()
    except PostilError as error:
        return [_told(error)]


def _told(error: PostilError) -> Finding:
    return Finding(f"no session can begin: {error.message.rstrip('.')}", "", error.mend.rstrip("."))
