"""Stops work: whatever is under way ends when a person stops it, and leaves no process behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postil.agent.session import Session
from postil.core.events import PermissionAsked, ProcessStarted, Publication, TurnEnded
from postil.core.submissions import Cancel, Prompt
from postil.guardrails.harness import Harness
from postil.guardrails.playing import Play, call, calls
from postil.guardrails.report import Finding
from postil.guardrails.trial import FACE, PATIENCE, Stuck, Trial, trial
from postil.workspace.commands.processes import process_alive

TITLE = "Stop stops"

_MEND = "Install Postil anew, or take out the tool that goes on"
_ENDLESS = "sleep 600"
_LOOK_AGAIN = 0.02
"""Seconds between two looks at a process that is no child of this one."""


async def check(harness: Harness) -> Sequence[Finding]:
    """Stop a reply that hangs, a command that goes on, and a turn that waits for an answer."""
    # Where one does not stop, neither do the others, and each would be waited for.
    return await _reply(harness) or await _command(harness) or await _question(harness)


async def _reply(harness: Harness) -> Sequence[Finding]:
    async with trial(harness, [Play(words="Let me", hangs=True)]) as place:
        session = await place.begin()
        await session.prompt(Prompt("Go on.", face=FACE))
        return await _stopped(place, session, place.model.hanging, "a reply of the model")


async def _command(harness: Harness) -> Sequence[Finding]:
    async with trial(
        harness, [calls(call("shell", command=_ENDLESS))], allow=(f"Bash({_ENDLESS})",)
    ) as place:
        running = _when(place, ProcessStarted)
        session = await place.begin()
        await session.prompt(Prompt("Go on.", face=FACE))
        found = await _stopped(place, session, running, "a command")
        left = [it.pid for it in place.events(ProcessStarted) if not await _gone(it.pid, it.started)]
        return [*found, *(Finding(f"the command goes on as process {it}", "", _MEND) for it in left)]


async def _question(harness: Harness) -> Sequence[Finding]:
    async with trial(harness, [calls(call("write", path="new.txt", content="new\n"))]) as place:
        asked = _when(place, PermissionAsked)
        place.attends = False
        session = await place.begin()
        await session.prompt(Prompt("Go on.", face=FACE))
        return await _stopped(place, session, asked, "a question")


def _when(place: Trial, kind: type[ProcessStarted | PermissionAsked]) -> asyncio.Event:
    there = asyncio.Event()

    def told(publication: Publication) -> None:
        if isinstance(publication.event, kind):
            there.set()

    place.told = told
    return there


async def _stopped(place: Trial, session: Session, under_way: asyncio.Event, what: str) -> Sequence[Finding]:
    """Stop it as soon as it is under way; where rules let it never be, there is nothing to stop."""
    waits = [asyncio.ensure_future(under_way.wait()), asyncio.ensure_future(session.idle())]
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        return [Finding(f"{what} was not even begun in {PATIENCE:.0f} s", "", _MEND)]
    finally:
        for it in waits:
            it.cancel()
    if not under_way.is_set():
        return ()
    await session.cancel(Cancel("Stopped to see whether it stops."))
    try:
        await place.ends(session)
    except Stuck:
        return [Finding(f"{what} went on for {PATIENCE:.0f} s after it was stopped", "", _MEND)]
    ends = [it.reason for it in place.events(TurnEnded)]
    return (
        ()
        if ends == ["cancelled"]
        else [Finding(f"a stopped turn ended as {', '.join(ends) or 'nothing'}", "", _MEND)]
    )


async def _gone(pid: int, started: float) -> bool:
    """Whether a process ends in the time that it is given."""
    try:
        async with asyncio.timeout(PATIENCE):
            while process_alive(pid, started):  # noqa: ASYNC110 - nothing tells of the end of what is no child of this task
                await asyncio.sleep(_LOOK_AGAIN)
    except TimeoutError:
        return False
    return True
