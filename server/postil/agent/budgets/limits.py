"""The bounds of a turn: steps, time, and going in circles."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from postil.core.messages import AssistantMessage, Message, ToolCall, UserMessage

REPEATS_REFUSED = 3
"""The same call asked for so many times in a row is not run again, and the model is told."""
REPEATS_FATAL = 5
"""The same call asked for so many times in a row ends the turn."""


def repeats(messages: Sequence[Message], call: ToolCall) -> int:
    """Return how often in a row the turn asked for exactly this call, up to and with `call` itself."""
    key = _key(call)
    count = 0
    counting = False
    for earlier in _backwards(messages):
        counting = counting or earlier.id == call.id
        if not counting:
            continue
        if _key(earlier) != key:
            break
        count += 1
    return count


def _backwards(messages: Sequence[Message]) -> Iterator[ToolCall]:
    for message in reversed(messages):
        if isinstance(message, UserMessage):
            return
        if isinstance(message, AssistantMessage):
            yield from reversed(message.calls)


def _key(call: ToolCall) -> tuple[str, str]:
    return call.name, json.dumps(call.input, sort_keys=True)
