"""How far a tool's own word goes: what comes with Postil is believed, what was added may only make itself out to be worse."""

from __future__ import annotations

from collections.abc import Mapping

from postil.core.effects import Tier
from postil.core.messages import Value


class Effects(Value):
    """What calls of a tool may do at most. Absent means the worst."""

    read_only: bool = False
    """It changes nothing outside the session."""
    concurrent: bool = False
    """It may run beside other concurrent tools."""
    destructive: bool = True
    """It may replace or remove what is there."""
    open_world: bool = True
    """It may reach beyond the files that it names."""
    asks: bool = True
    """A person is asked unless a rule allows the call."""


CEILINGS: Mapping[Tier, Effects] = {
    "builtin": Effects(read_only=True, concurrent=True, destructive=False, open_world=False, asks=False),
    "plugin": Effects(read_only=False, concurrent=False, destructive=False, open_world=True, asks=True),
    "skill": Effects(read_only=False, concurrent=False, destructive=False, open_world=True, asks=True),
}
"""The best that a tool of each tier can be taken for, whatever it says."""


def held_to(tier: Tier, claimed: Effects) -> Effects:
    """Return what a tool is taken for: what it claims, where its ceiling is not worse."""
    best = CEILINGS[tier]
    return Effects(
        read_only=claimed.read_only and best.read_only,
        concurrent=claimed.concurrent and best.concurrent,
        destructive=claimed.destructive or best.destructive,
        open_world=claimed.open_world or best.open_world,
        asks=claimed.asks or best.asks,
    )


def annotated(annotations: Mapping[str, object]) -> Effects:
    """Return what the annotations of a plugin's tool claim, as the Model Context Protocol names them.

    Only what makes it worse is taken from them: that it destroys. That it reads, or destroys nothing, is not believed, and
    nothing said is nothing raised.
    """
    return held_to("plugin", Effects(destructive=annotations.get("destructiveHint") is True))
