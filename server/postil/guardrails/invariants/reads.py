"""Tools keep what their metadata says: what is marked read-only writes nothing, and preparing a call does nothing at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from postil.core.errors import BrokenPromise, PostilError
from postil.core.messages import ToolCall
from postil.guardrails.harness import Harness
from postil.guardrails.playing import call, calls
from postil.guardrails.report import Finding
from postil.guardrails.samples import samples
from postil.guardrails.tree import changed
from postil.guardrails.trial import Stuck, Trial, trial
from postil.tools.registry import Registry
from postil.tools.session_tools import SessionTools
from postil.tools.tool import ToolSpec

TITLE = "Tools marked read-only do not write"

_MARK = "Mark it as what it is (`read_only: false`), or mend the tool"


async def check(harness: Harness) -> Sequence[Finding]:
    """Prepare a call of every tool, and run those that are marked read-only, each in a workspace of its own."""
    registry = await asyncio.to_thread(Registry.collect)
    wanted = await asyncio.to_thread(samples, registry)
    found: list[Finding] = []
    for spec in registry.specs():
        found += await _tried(harness, spec, wanted[spec.name])
    return found


async def _tried(harness: Harness, spec: ToolSpec, made: Sequence[ToolCall]) -> Sequence[Finding]:
    plays = [calls(call("read", path="a.py"), call("read", path="b.py")), *(calls(it) for it in made)]
    async with trial(harness, plays) as place:
        before = place.files()
        promised = await _prepared(place, made)
        if written := changed(before, place.files()):
            said = f"preparing a call of it wrote {', '.join(written)}: nothing may happen before it is decided about"
            return [Finding(said, f"tool {spec.name}", "Move the work from `prepare` into `run`")]
        if not promised:
            return [Finding("a call of it would do more than its metadata says", f"tool {spec.name}", _MARK)]
        if not spec.effects.read_only:
            return ()
        try:
            await place.turn(await place.begin())
        except Stuck:
            return [Finding("a call of it does not end", f"tool {spec.name}", "Mend the tool")]
        if written := changed(before, place.files()):
            said = f"it is marked read-only, and a call of it wrote {', '.join(written)}"
            return [Finding(said, f"tool {spec.name}", _MARK)]
    return ()


async def _prepared(place: Trial, made: Sequence[ToolCall]) -> bool:
    """Prepare calls as a session does; return whether none would do more than the metadata says. Another refusal is no matter here."""
    parts = place.app.why.parts
    has = SessionTools(parts.tools.names, parts.tools.names)
    kept = True
    for it in made:
        try:
            await parts.tools.prepare(it, parts.tool_ports, has)
        except BrokenPromise:
            kept = False
        except PostilError:
            continue
    return kept
