"""How many tokens a request will be, from its text alone: no network, and no tokenizer, which nobody publishes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from postil.core.messages import (
    AssistantMessage,
    Message,
    Text,
    Thinking,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from postil.core.ports import ModelRequest, ToolSchema

BYTES_A_TOKEN = 3.5
"""Bytes of UTF-8: prose is above it, code and other scripts below. Replies correct it, model by model."""
_MESSAGE = 12
"""Bytes that a message or a block costs beside its text."""
_MARKS = 96
"""Bytes of the two marks about a text from elsewhere, the names of its sources aside."""
_REFERENCE = 48
"""Bytes of a reference to a tool, its name aside."""
_SERVICE = 1_000
"""Tokens that the service may add of its own, so that the model knows what tools are."""
_OPEN = 3
"""The last messages, which may still change."""
_KEPT = 8
"""Conversations, and beginnings, that are remembered."""


class Size(NamedTuple):
    """Bytes of a part of a request."""

    likely: int
    """Of what the model reads."""
    most: int
    """Of all that is sent for it, so that no reading of it has more tokens than this."""

    def and_(self, other: Size) -> Size:
        """Return the size of both."""
        return Size(self.likely + other.likely, self.most + other.most)


class Estimate(NamedTuple):
    """How many input tokens a request is."""

    tokens: int
    """About; at least 1."""
    most: int
    """As many as it can be: no token is less than a byte of what is sent."""


class Estimator:
    """Estimates requests, and remembers what it has counted: the next request is mostly the same."""

    def __init__(self) -> None:
        self._heads: dict[int, tuple[list[Message], Size]] = {}
        self._beginnings: dict[tuple[str, ...], Size] = {}

    def estimate(self, request: ModelRequest) -> Estimate:
        """Return what the request is from its text alone."""
        likely, most = self._beginning(request).and_(self._conversation(request.messages))
        suffix = _size(request.suffix)
        late = sum(_tool(it) for it in request.late)
        return Estimate(
            max(1, round((likely + suffix + late) / BYTES_A_TOKEN)),
            most + suffix + _MESSAGE + late + _SERVICE,
        )

    def _beginning(self, request: ModelRequest) -> Size:
        key = tuple(request.digests.values())
        size = self._beginnings.get(key) if key else None
        if size is None:
            whole = sum(_size(text) + _MESSAGE for text in request.system) + sum(map(_tool, request.tools))
            size = Size(whole, whole)
            if len(self._beginnings) >= _KEPT:
                self._beginnings.clear()
            self._beginnings[key] = size
        return size

    def _conversation(self, messages: Sequence[Message]) -> Size:
        key = id(messages[0]) if messages else 0
        head, size = self._heads.pop(key, ([], _NONE))
        # Comparing lists is fast: messages are the same objects as the last time.
        if list(messages[: len(head)]) != head:
            head, size = [], _NONE
        for message in messages[len(head) : max(len(head), len(messages) - _OPEN)]:
            head.append(message)
            size = size.and_(size_of(message))
        self._heads[key] = head, size
        if len(self._heads) > _KEPT:
            del self._heads[next(iter(self._heads))]
        return reduce(Size.and_, map(size_of, messages[len(head) :]), size)


_NONE = Size(0, 0)


def size_of(message: Message) -> Size:
    """Return how many bytes a message has."""
    match message:
        case UserMessage(text=text):
            return _both(_size(text) + _MESSAGE)
        case ToolMessage():
            return reduce(Size.and_, map(_result, message.ordered), _both(_MESSAGE))
        case AssistantMessage(content=content):
            return reduce(Size.and_, map(_block, content), _both(_MESSAGE))


def _result(result: ToolResult) -> Size:
    likely = _size(result.content) + 3 * _MESSAGE
    marks = _MARKS + sum(_size(it.name) + _MESSAGE for it in result.sources) if result.sources else 0
    referring = sum(_size(it) + _REFERENCE for it in result.references)
    for it in result.remarks:
        likely += _size(it.text) + _MARKS
    return Size(likely, likely + len(result.call_id) + marks + referring)


def _block(block: object) -> Size:
    if isinstance(block, Text):
        return _both(_size(block.text) + _MESSAGE)
    if isinstance(block, Thinking):
        # What is shown of it is a summary; all of it is read again, from what came with it.
        sent = _size(_json(block.raw))
        return Size(_size(block.text) + _MESSAGE if block.text else sent + _MESSAGE, sent + _MESSAGE)
    likely = _size(_json(getattr(block, "input", {}))) + 3 * _MESSAGE
    named = sum(_size(str(getattr(block, name, ""))) for name in ("id", "name"))
    return Size(likely, likely + named)


def _tool(tool: ToolSchema) -> int:
    return _size(_json([tool.name, tool.description, tool.input_schema])) + _MESSAGE


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _both(size: int) -> Size:
    return Size(size, size)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
