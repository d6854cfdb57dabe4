"""How many tokens a request will be, from its text alone: no network, and no tokenizer, which nobody publishes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from postil.core.messages import AssistantMessage, Message, Text, Thinking, ToolMessage, UserMessage
from postil.core.ports import ModelRequest

BYTES_A_TOKEN = 3.5
"""Bytes of UTF-8: prose is above it, code and other scripts below. Replies correct it, model by model."""
_MESSAGE = 12
"""Bytes that a message or a block costs beside its text."""
_OPEN = 3
"""The last messages, which may still change."""
_KEPT = 8
"""Conversations, and beginnings, that are remembered."""


class Estimator:
    """Estimates requests, and remembers what it has counted: the next request is mostly the same."""

    def __init__(self) -> None:
        self._heads: dict[int, tuple[list[Message], int]] = {}
        self._beginnings: dict[tuple[str, ...], int] = {}

    def tokens(self, request: ModelRequest) -> int:
        """Return about how many input tokens the request is; at least 1."""
        size = self._beginning(request) + self._conversation(request.messages) + _size(request.suffix)
        return max(1, round(size / BYTES_A_TOKEN))

    def _beginning(self, request: ModelRequest) -> int:
        key = tuple(request.digests.values())
        size = self._beginnings.get(key) if key else None
        if size is None:
            tools = (
                json.dumps([it.name, it.description, it.input_schema], ensure_ascii=False)
                for it in request.tools
            )
            size = sum(_size(text) + _MESSAGE for text in (*request.system, *tools))
            if len(self._beginnings) >= _KEPT:
                self._beginnings.clear()
            self._beginnings[key] = size
        return size

    def _conversation(self, messages: Sequence[Message]) -> int:
        key = id(messages[0]) if messages else 0
        head, size = self._heads.pop(key, ([], 0))
        # Comparing lists is fast: messages are the same objects as the last time.
        if list(messages[: len(head)]) != head:
            head, size = [], 0
        for message in messages[len(head) : max(len(head), len(messages) - _OPEN)]:
            head.append(message)
            size += size_of(message)
        self._heads[key] = head, size
        if len(self._heads) > _KEPT:
            del self._heads[next(iter(self._heads))]
        return size + sum(size_of(message) for message in messages[len(head) :])


def size_of(message: Message) -> int:
    """Return about how many bytes a message has."""
    match message:
        case UserMessage(text=text):
            return _size(text) + _MESSAGE
        case ToolMessage():
            return sum(_size(it.content) + 3 * _MESSAGE for it in message.ordered) + _MESSAGE
        case AssistantMessage(content=content):
            return sum(map(_block, content)) + _MESSAGE


def _block(block: object) -> int:
    if isinstance(block, Text):
        return _size(block.text) + _MESSAGE
    if isinstance(block, Thinking):
        return _size(block.text or json.dumps(block.raw)) + _MESSAGE
    return _size(json.dumps(getattr(block, "input", {}), ensure_ascii=False)) + 3 * _MESSAGE


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
