"""How turns end, in the protocol's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acp.schema import Usage

from postil.core.events import TurnEnd, TurnEnded

if TYPE_CHECKING:
    from acp.schema import StopReason

PROTOCOL = 1
"""The version of the protocol that is spoken."""
_REASONS: dict[TurnEnd, StopReason] = {
    "end_turn": "end_turn",
    "max_tokens": "max_tokens",
    "max_turn_requests": "max_turn_requests",
    "refusal": "refusal",
    "cancelled": "cancelled",
    "interrupted": "cancelled",
    "budget_exhausted": "max_turn_requests",
}


def stop_reason(reason: TurnEnd) -> StopReason:
    """Return why a turn ended. One that failed has none: it is an error."""
    return _REASONS[reason]


def used(end: TurnEnded) -> Usage:
    """Return the tokens of a turn."""
    it = end.usage
    return Usage(
        total_tokens=it.total_input + it.output,
        input_tokens=it.input,
        output_tokens=it.output,
        cached_read_tokens=it.cache_read,
        cached_write_tokens=it.cache_write,
    )
