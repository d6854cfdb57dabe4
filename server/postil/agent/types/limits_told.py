"""The limits of an agent type as they are in force: a type only lowers what the settings say, so its own numbers are not the truth."""

from __future__ import annotations

from collections.abc import Mapping

from postil.agent.types.beginning import lowered
from postil.core.agent_types import TypeLimits
from postil.core.events import Limits

_WORDS = {
    "steps": "{} steps in a turn", "seconds": "{:g} seconds in a turn", "turn": "${:.2f} in a turn",
    "session": "${:.2f} in a session", "turn_tokens": "{:,} tokens in a turn", "session_tokens": "{:,} tokens in a session",
}  # fmt: skip


def in_force(named: TypeLimits, given: Limits) -> Mapping[str, float]:
    """Return what holds of the limits that a type names, under those that the settings give."""
    now = lowered(given, named)
    held = {
        "steps": now.steps, "seconds": now.seconds, "turn": now.turn.cost, "session": now.session.cost,
        "turn_tokens": now.turn.tokens, "session_tokens": now.session.tokens,
    }  # fmt: skip
    return {it: most for it in named.model_dump(exclude_none=True) if (most := held[it]) is not None}


def limit_words(limits: Mapping[str, float]) -> str:
    """Return limits in words; empty where there are none."""
    return ", ".join(_WORDS[name].format(it) for name, it in limits.items())
