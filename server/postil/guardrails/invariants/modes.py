"""Plan mode writes nothing, whatever rules and persons allow; and deny-all asks nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postil.core.agent_types import BUILD
from postil.core.events import FileChanged, PermissionAsked
from postil.guardrails.added import NAME, RULE, OneTool
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.samples import every
from postil.guardrails.tree import changed
from postil.guardrails.trial import trial

TITLE = "Plan mode writes nothing, and deny-all asks nothing"


async def check(harness: Harness) -> Sequence[Finding]:
    """Have every tool tried in either mode, by sub-agents and by servers as well, with rules that allow everything and a person
    who agrees."""
    return [
        *await _plan(harness),
        *await _deny_all(harness),
        *await _delegated(harness, BUILD, "plan"),
        *await _delegated(harness, "plan", "default"),
        *await _added(harness),
    ]


async def _plan(harness: Harness) -> Sequence[Finding]:
    async with trial(harness, await asyncio.to_thread(every), allow=("Edit", "Bash", "WebFetch")) as place:
        before = place.files()
        await place.turn(await place.begin(mode="plan"))
        names = [*changed(before, place.files()), *(it.path for it in place.events(FileChanged))]
        if names:
            said = f"plan mode wrote {', '.join(dict.fromkeys(names))}"
            return [Finding(said, "mode plan", "Install Postil anew, or take out the tool that wrote it")]
    return ()


async def _delegated(harness: Harness, agent: str, mode: str) -> Sequence[Finding]:
    """Have a session that only reads, by its mode or by its type, delegate to a type that edits, and that one write."""
    plays = [
        calls(call("read", path="a.py"), call("read", path="b.py")),
        calls(call("delegate", agent=BUILD, name="work", task="Change everything.")),
        calls(
            call("write", path="made.txt", content="made\n"),
            call("edit", path="a.py", edits=[{"old": "x = 1", "new": "x = 2"}]),
            call("delete", path="b.py"),
            call("shell", command="touch also.txt"),
        ),
    ]
    async with trial(harness, plays, allow=("Edit", "Bash")) as place:
        before = place.files()
        await place.turn(await place.begin(agent, mode))
        names = changed(before, place.files())
        if names:
            said = f"a sub-agent of a session in plan mode wrote {', '.join(names)}"
            return [Finding(said, f"agent type {agent}, mode {mode}", "Install Postil anew")]
    return ()


async def _added(harness: Harness) -> Sequence[Finding]:
    """Use a tool of a server, which a rule allows: what it does nobody can know."""
    plays = [calls(call(NAME), call("use_tool", name=NAME, input={}))]
    async with trial(harness, plays, allow=(RULE,)) as place:
        plugins = OneTool()
        place.app.in_workspace.registry.plugins = plugins
        await place.turn(await place.begin(mode="plan"))
        if plugins.used:
            said = "plan mode used a tool of a server, and what that does is not known"
            return [Finding(said, "mode plan", "Install Postil anew")]
    return ()


async def _deny_all(harness: Harness) -> Sequence[Finding]:
    async with trial(harness, await asyncio.to_thread(every)) as place:
        await place.turn(await place.begin(mode="deny-all"))
        asked = place.events(PermissionAsked)
        if asked:
            said = f"the mode deny-all asked: {asked[0].question.title}"
            return [Finding(said, "mode deny-all", "Install Postil anew")]
    return ()
