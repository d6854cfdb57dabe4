"""Plan mode writes nothing, whatever rules and persons allow; and deny-all asks nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postil.core.events import FileChanged, PermissionAsked
from postil.guardrails.harness import Harness
from postil.guardrails.report import Finding
from postil.guardrails.samples import every
from postil.guardrails.tree import changed
from postil.guardrails.trial import trial

TITLE = "Plan mode writes nothing, and deny-all asks nothing"


async def check(harness: Harness) -> Sequence[Finding]:
    """Have every tool tried in either mode, with rules that allow everything and a person who agrees."""
    return [*await _plan(harness), *await _deny_all(harness)]


async def _plan(harness: Harness) -> Sequence[Finding]:
    async with trial(harness, await asyncio.to_thread(every), allow=("Edit", "Bash", "WebFetch")) as place:
        before = place.files()
        await place.turn(await place.begin(mode="plan"))
        names = [*changed(before, place.files()), *(it.path for it in place.events(FileChanged))]
        if names:
            said = f"plan mode wrote {', '.join(dict.fromkeys(names))}"
            return [Finding(said, "mode plan", "Install Postil anew, or take out the tool that wrote it")]
    return ()


async def _deny_all(harness: Harness) -> Sequence[Finding]:
    async with trial(harness, await asyncio.to_thread(every)) as place:
        await place.turn(await place.begin(mode="deny-all"))
        asked = place.events(PermissionAsked)
        if asked:
            said = f"the mode deny-all asked: {asked[0].question.title}"
            return [Finding(said, "mode deny-all", "Install Postil anew")]
    return ()
