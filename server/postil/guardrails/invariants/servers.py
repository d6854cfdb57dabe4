"""Servers of tools: a workspace's own are started by nobody unasked, and none is reached or believed carelessly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from postil.config.server_options import ServerOptions, WrittenServer
from postil.guardrails.harness import Harness
from postil.guardrails.invariants.settings import in_the_clear
from postil.guardrails.playing import DONE, call, calls
from postil.guardrails.report import Finding
from postil.guardrails.trial import trial
from postil.permissions.servers import Approvals, ApprovalStore

TITLE = "Servers of tools start with a person's word, and are reached safely"

_MEND = "Install Postil anew"


async def check(harness: Harness) -> Sequence[Finding]:
    """Look at every definition, and see whether one that a workspace names is started; those of the settings never are here."""
    return [
        *_reached(harness),
        *await asyncio.to_thread(lambda: list(_approved(harness))),
        *await _started(harness),
    ]


def _reached(harness: Harness) -> Iterator[Finding]:
    for it in harness.loaded.servers:
        if not it.options.off and it.options.url and in_the_clear(it.options.url):
            said = f"the server {it.name} is reached unencrypted: {it.options.url}"
            yield Finding(said, it.file, "Write https:// in its `url`, or set `off = true`")


def _approved(harness: Harness) -> Iterator[Finding]:
    """Ask about each definition as if a workspace had it, where nobody has ever said anything."""
    nothing = ApprovalStore(Path("/nonexistent/servers.json"))
    for it in (*harness.loaded.servers, _probe("true")):
        of_workspace = replace(it, layer="workspace")
        for trusted in (True, False):
            approvals = Approvals(
                nothing, lambda is_so=trusted: is_so, time.time, (of_workspace,), harness.roots
            )
            approvals.look_now()
            if not approvals.refusal(of_workspace):
                said = f"the server {it.name} would be started although nobody has allowed that"
                yield Finding(said, it.file, _MEND)
                break


async def _started(harness: Harness) -> Sequence[Finding]:
    """Have a workspace name a server that leaves a file behind, and look for it in a session that uses its tools."""
    plays = [calls(call("find_tools", query="guardrails")), DONE]
    async with trial(
        harness, plays, servers=lambda root: (_probe("touch", str(root / "started.txt")),)
    ) as place:
        place.attends = False
        await place.turn(await place.begin())
        standings = place.app.servers.standings() if place.app.servers is not None else ()
        if (place.root / "started.txt").exists() or any(it.state != "off" for it in standings):
            return [Finding("a server that the workspace names was started unasked", "", _MEND)]
    return ()


def _probe(*command: str) -> WrittenServer:
    return WrittenServer("guardrails", ServerOptions(command=command), "workspace", "")
