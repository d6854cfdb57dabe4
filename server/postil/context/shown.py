"""The conversation as the model is shown it: results that faded by reference, and a compacted beginning as one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from postil.core.compaction import Compaction, FadedResult
from postil.core.messages import Message, ToolMessage, ToolResult, UserMessage
from postil.core.state import Conversation

_KEPT = 8
"""Conversations that are remembered."""


@dataclass(slots=True)
class _Made:
    """What was made for a conversation; the same objects again, as whoever encodes them compares them."""

    faded: tuple[FadedResult, ...]
    compactions: tuple[Compaction, ...]
    head: list[Message]
    replaced: dict[int, ToolMessage] = field(default_factory=dict[int, ToolMessage])


class Shown:
    """Remembers what it has made: the next request is mostly the same."""

    def __init__(self) -> None:
        self._made: dict[str, _Made] = {}

    def messages(self, conversation: Conversation, key: str) -> Sequence[Message]:
        """Return the messages for a request; `key` names the conversation."""
        if not conversation.faded and not conversation.compactions:
            return conversation.messages
        made = self._made.pop(key, None)
        if made is None or made.faded is not conversation.faded:
            made = _make(conversation, None)
        elif made.compactions is not conversation.compactions:
            made = _make(conversation, made)
        self._made[key] = made
        if len(self._made) > _KEPT:
            del self._made[next(iter(self._made))]
        start = conversation.start
        messages = conversation.messages[start:]
        for number, message in made.replaced.items():
            messages[number - start] = message
        return [*made.head, *messages]


def _make(conversation: Conversation, before: _Made | None) -> _Made:
    start = conversation.start
    head: list[Message] = [UserMessage(text=conversation.compactions[-1].text, note=True)] if start else []
    made = _Made(conversation.faded, conversation.compactions, head)
    if before is not None:
        made.replaced = {number: it for number, it in before.replaced.items() if number >= start}
        return made
    texts: dict[int, dict[str, str]] = {}
    for it in conversation.faded:
        if it.message >= start:
            texts.setdefault(it.message, {})[it.call_id] = it.text
    for number, by_call in texts.items():
        message = conversation.messages[number]
        if isinstance(message, ToolMessage):
            made.replaced[number] = with_faded(message, by_call)
    return made


def with_faded(message: ToolMessage, texts: dict[str, str]) -> ToolMessage:
    """Return the results with these texts in the place of their contents."""
    results = {key: _faded(it, texts[key]) if key in texts else it for key, it in message.results.items()}
    return ToolMessage(call_ids=message.call_ids, results=results)


def _faded(result: ToolResult, text: str) -> ToolResult:
    """Return a result with another text, which is Postil's own words; what it found keeps its origin, for it is told there still."""
    sources = result.sources if result.references else ()
    return result.model_copy(update={"content": text, "sources": sources})
