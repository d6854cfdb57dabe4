"""Resume repeats nothing: what was begun before a crash is not begun again, and what a person did since stays."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import count

from postil.core.events import CallStarted, Publication
from postil.core.messages import ToolCall
from postil.core.submissions import Resume
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.trial import FACE, Stuck, Trial, open_trial, trial

TITLE = "Resuming repeats nothing"

_LOG, _MADE = "log.txt", "made.txt"
_BY_HAND = "by hand\n"
_MEND = "Install Postil anew, or take out the tool that was run twice"


async def check(harness: Harness) -> Sequence[Finding]:
    """Crash while a command and while an edit are under way, and go on from what was on record then."""
    effects = (call("shell", command=f"echo once >> {_LOG}"), call("write", path=_MADE, content="made\n"))
    plays = [calls(it) for it in effects]
    allow = ("Edit", f"Bash(echo once >> {_LOG})")
    async with trial(harness, plays, allow=allow) as place:
        crashes = _keep_records(place)
        session = await place.begin()
        await place.turn(session)
        await place.app.sessions.close(session.id, "the first process is over")
        made = place.root / _MADE
        if made.exists():
            made.write_text(_BY_HAND, "utf-8")
        before = place.files()
        for number, started in enumerate(crashes):
            found = await _gone_on(harness, place, (f"copies/{number}", session.id, started))
            if found or before != place.files():
                words = found or f"what `{_named(effects, started)}` had done before a crash was done again"
                return [Finding(words, "", _MEND)]
    return ()


def _keep_records(place: Trial) -> list[str]:
    """Keep what is on record whenever an effect begins, as a crash at that moment would leave it; returns the calls."""
    begun: list[str] = []
    numbers = count()

    def told(publication: Publication) -> None:
        if isinstance(publication.event, CallStarted):
            shutil.copytree(place.folder / "state", place.folder / "copies" / str(next(numbers)))
            begun.append(publication.event.call_id)

    place.told = told
    return begun


async def _gone_on(harness: Harness, place: Trial, crash: tuple[str, str, str]) -> str:
    """Open the record of a crash and go on; return what was wrong with that."""
    state, session_id, call_id = crash
    async with open_trial(harness.alone().with_room(), place.folder, (place.root,), (), state=state) as after:
        session = await after.reopen(session_id)
        if session.resumable:
            await session.resume(Resume(FACE))
        try:
            await after.ends(session)
        except Stuck:
            return "a session that was resumed does not come to an end"
        again = [it for it in after.events(CallStarted) if it.call_id == call_id]
    return "a call that had begun before a crash was begun again" if again else ""


def _named(effects: Sequence[ToolCall], call_id: str) -> str:
    return next((it.name for it in effects if it.id == call_id), "a call")
