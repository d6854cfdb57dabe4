"""Metadata is complete: every tool says what it is, and whatever is left out has its most restrictive value."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from postil.guardrails.harness import Harness
from postil.guardrails.report import Finding
from postil.tools.registry import BUILTIN, Registry
from postil.tools.tiers import CEILINGS, Effects, annotated, held_to
from postil.tools.tool import ToolSpec

TITLE = "Tools say what they are, and what they leave out is the worst"

_WORST = Effects(read_only=False, concurrent=False, destructive=True, open_world=True, asks=True)
_CHANGING = ("edit", "delete", "move", "execute")
"""The kinds of tools that change things."""


async def check(harness: Harness) -> Sequence[Finding]:
    """Look at the defaults, at the ceilings of what was added, and at every tool."""
    del harness
    return await asyncio.to_thread(lambda: [*_defaults(), *_ceilings(), *_tools()])


def _defaults() -> Iterator[Finding]:
    mend = "Install Postil anew: a field that is left out has its most restrictive value"
    if Effects() != _WORST:
        loose = sorted(it for it in Effects.model_fields if getattr(Effects(), it) != getattr(_WORST, it))
        yield Finding(
            f"a tool that leaves out {', '.join(loose)} is taken for harmless", "tools/tiers.py", mend
        )
    spec = ToolSpec(name="qx7tool", title="Anything")
    if spec.deferral != "deferred" or spec.effects != Effects():
        yield Finding("a tool that says nothing of itself is in every request", "tools/tool.py", mend)


def _ceilings() -> Iterator[Finding]:
    best = Effects(read_only=True, concurrent=True, destructive=False, open_world=False, asks=False)
    mend = "Install Postil anew: what was added may only make itself out to be worse"
    for tier in ("plugin", "skill"):
        held = held_to(tier, best)
        if tier not in CEILINGS or held.read_only or held.concurrent or not (held.open_world and held.asks):
            yield Finding(
                f"a {tier}'s tool is believed when it calls itself harmless", "tools/tiers.py", mend
            )
    claims = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
    if annotated(claims).read_only or not annotated(claims).asks:
        yield Finding("the annotations of a server's tool are believed", "tools/tiers.py", mend)


def _tools() -> Iterator[Finding]:
    registry = Registry.collect()
    for spec in registry.specs():
        where = f"tool {spec.name}"
        if spec.kind in _CHANGING and (spec.effects.read_only or spec.effects.concurrent):
            said = f"a tool of the kind {spec.kind} is marked read-only or concurrent"
            yield Finding(said, where, "Mark it as what it is (`read_only: false`, `concurrent: false`)")
        if spec.kind in _CHANGING and not spec.effects.asks:
            yield Finding(
                f"a tool of the kind {spec.kind} says that it asks nobody", where, "Mark it with `asks: true`"
            )
        schema = registry.pool([spec.name]).schemas([spec.name], references=False)[0].input_schema
        silent = [it for it, field in schema.get("properties", {}).items() if not field.get("description")]
        if silent:
            said = f"{', '.join(silent)} has no description for the model"
            yield Finding(said, str(BUILTIN / f"{spec.name}.py"), "Describe every parameter", weak=True)
