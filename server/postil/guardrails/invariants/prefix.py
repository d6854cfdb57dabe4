"""The prompt's prefix is stable: the same bytes in every request of a session, in whatever process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from postil.core.errors import CommandFailed
from postil.core.submissions import SetMode
from postil.guardrails.harness import Harness
from postil.guardrails.playing import DONE, Play, call, calls
from postil.guardrails.report import Finding
from postil.guardrails.trial import FACE, trial
from postil.workspace.commands.shell import finish_program, start_launch
from postil.workspace.sandbox.mechanism import Launch

TITLE = "The prompt's prefix is stable"

_MEND = "Let nothing in a tool's words or an agent type's depend on the time, the process or chance"
_PATIENCE = 60.0
_HERE = frozenset({"workspace"})
"""Sections that name the folder, which is another one in each try."""


async def check(harness: Harness) -> Sequence[Finding]:
    """Compare the requests of one session with each other, and those of this process with those of another."""
    other = asyncio.ensure_future(asyncio.to_thread(_elsewhere, harness))
    found = await _in_session(harness)
    here, there = await digests(harness), await other
    if there is None:
        return [*found, Finding("another process could not be asked", "", "Run `postil guardrails` again")]
    differ = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    said = (f"it is another one in another process ({it})" for it in differ)
    return [*found, *(Finding(it, "", _MEND) for it in said)]


async def digests(harness: Harness) -> Mapping[str, str]:
    """Return a digest for each section and each tool that stands before the boundary, for every agent type."""
    async with trial(harness, lambda _: DONE) as place:
        collected = await asyncio.to_thread(place.app.types.collect)
        found: dict[str, str] = {}
        for it in collected.types:
            before = len(place.model.requests)
            await place.turn(await place.begin(it.name))
            if len(place.model.requests) == before:
                continue  # Its limits leave no room for a single one.
            last = place.model.requests[-1]
            each = {name: sum_ for name, sum_ in last.digests.items() if name not in _HERE}
            tools = {f"tool {name}": sum_ for name, sum_ in last.tool_digests.items()}
            found |= {f"{it.name}: {name}": sum_ for name, sum_ in (each | tools).items()}
        return found


async def _in_session(harness: Harness) -> Sequence[Finding]:
    def play(place: int) -> Play:
        return DONE if place % 2 else calls(call("todo", items=[{"text": f"step {place}"}]))

    async with trial(harness, play) as place:
        session = await place.begin()
        for mode in ("plan", "accept-edits", "default"):
            await session.set_mode(SetMode(mode, FACE))
            await place.turn(session)
        first = place.model.requests[0]
        for it in place.model.requests:
            if (it.system, it.tools) != (first.system, first.tools):
                return [Finding("it changed from one request of a session to the next", "", _MEND)]
    return ()


def _elsewhere(harness: Harness) -> Mapping[str, str] | None:
    """Have another process make the prefixes, with other hashes of strings; None where it could not."""
    # -P: nothing of the folder that it runs in is imported.
    argv = [
        sys.executable,
        "-P",
        "-m",
        "postil",
        "guardrails",
        "--prefixes",
        "--trust",
        "yes" if harness.trusted else "no",
    ]
    for root in harness.roots:
        argv += ["--workspace", str(root)]
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"
    try:
        child = start_launch(Launch(tuple(argv), os.environ | {"PYTHONHASHSEED": seed}), Path.cwd())
        done = finish_program(child, _PATIENCE)
        return json.loads(done.stdout) if done.code == 0 else None
    except (CommandFailed, ValueError, OSError):
        return None
