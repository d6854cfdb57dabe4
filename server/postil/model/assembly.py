"""Puts a reply together from the events of its stream."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast, get_args

from postil.core.errors import ModelError
from postil.core.messages import AssistantMessage, Block, StopReason, Text, Thinking, ToolCall, Usage
from postil.core.ports import Begun, Reply, TextPiece, ThinkingPiece
from postil.model.catalog import cost
from postil.model.faults import from_error

Taken = Begun | TextPiece | ThinkingPiece
"""What is there before the reply is whole."""
_STOP_REASONS = frozenset(get_args(StopReason))
_SENSELESS = "The service sent an event that makes no sense."
_SHOWN = 500
"""Characters of a malformed input that the model gets to see again."""
_FIELDS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
_USAGE = {
    "input": "input_tokens",
    "cache_read": "cache_read_input_tokens",
    "cache_write": "cache_creation_input_tokens",
    "output": "output_tokens",
}


@dataclass(slots=True)
class _Open:
    """A content block that is being received."""

    start: dict[str, Any]
    parts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    finished: bool = False
    strange: bool = False
    """Whether a delta came that we do not know: the block cannot be returned as it was."""

    def joined(self, name: str) -> str:
        return str(self.start.get(name) or "") + "".join(self.parts.get(name, ()))


class Assembly:
    """One reply in the making. Pieces are collected until someone takes them, so that a rush becomes a few."""

    def __init__(self, model: str) -> None:
        self.done = False
        """Whether the stream said that it ended; one that did not is truncated."""
        self.begun = False
        """Whether the service has begun to answer, and with that to count tokens."""
        self.refused = False
        """Whether the service said that it cannot answer."""
        self._model = model
        self._blocks: dict[int, _Open] = {}
        self._counts = dict.fromkeys(_USAGE, 0)
        self._stop_reason: str | None = None
        self._pending: list[tuple[bool, str]] = []
        self._read: Usage | None = None

    def feed(self, event: dict[str, Any]) -> None:
        """Take in one event; an unknown one is nothing. Raises ModelError for one that says so or has no sense."""
        try:
            self._take_in(event)
        except (TypeError, ValueError, AttributeError) as error:
            raise ModelError("malformed", _SENSELESS, retryable=True) from error

    def _take_in(self, event: dict[str, Any]) -> None:
        match event.get("type"):
            case "content_block_delta":
                self._delta(event)
            case "content_block_start":
                start = cast("dict[str, Any]", event.get("content_block") or {})
                self._blocks[int(event.get("index", 0))] = _Open(start)
                self._show(start)
            case "content_block_stop":
                block = self._blocks.get(int(event.get("index", 0)))
                if block is not None:
                    block.finished = True
            case "message_start":
                self.begun = True
                message = cast("dict[str, Any]", event.get("message") or {})
                self._model = str(message.get("model") or self._model)
                self._count(message.get("usage"))
                read = Usage(**self._counts)
                self._read = read if read.total_input else None  # some servers say it at the end
            case "message_delta":
                delta = cast("dict[str, Any]", event.get("delta") or {})
                self._stop_reason = delta.get("stop_reason") or self._stop_reason
                self._count(event.get("usage"))
            case "message_stop":
                self.done = True
            case "error":
                self.refused = True
                raise from_error(event)
            case _:
                pass

    def _delta(self, event: dict[str, Any]) -> None:
        block = self._blocks.get(int(event.get("index", 0)))
        delta = cast("dict[str, Any]", event.get("delta") or {})
        kind = delta.get("type")
        if block is None:
            return
        name = "partial_json" if kind == "input_json_delta" else _FIELDS.get(str(kind))
        words = delta.get(name) if name is not None else None
        if name is None or not isinstance(words, str):
            block.strange = True
            return
        block.parts.setdefault(name, []).append(words)
        if kind == "text_delta" and words:
            self._pending.append((True, words))
        elif kind == "thinking_delta" and words:
            self._pending.append((False, words))

    def _show(self, start: dict[str, Any]) -> None:
        """Some servers put the first words into the start of the block."""
        for kind, is_text in (("text", True), ("thinking", False)):
            if start.get("type") == kind and start.get(kind):
                self._pending.append((is_text, str(start[kind])))

    def _count(self, usage: object) -> None:
        """Merge usage: counts are cumulative, and fields that are left out or null change nothing."""
        if not isinstance(usage, dict):
            return
        for name, field_name in _USAGE.items():
            value = cast("dict[str, Any]", usage).get(field_name)
            if isinstance(value, int):
                self._counts[name] = max(self._counts[name], value)

    @property
    def may_be_paid(self) -> bool:
        """Whether the answer may have to be paid for: it began, or nobody knows."""
        return self.begun or not self.refused

    def take(self) -> list[Taken]:
        """Return what came since the last time, neighbours of a kind joined."""
        pending, self._pending = self._pending, []
        read, self._read = self._read, None
        pieces: list[Taken] = [Begun(read)] if read is not None else []
        start = 0
        for end in range(1, len(pending) + 1):
            if end == len(pending) or pending[end][0] != pending[start][0]:
                words = _sound("".join(text for _, text in pending[start:end]))
                pieces.append(TextPiece(words) if pending[start][0] else ThinkingPiece(words))
                start = end
        return pieces

    def reply(self, request_id: str | None) -> Reply:
        """Return the whole reply. Raises ModelError where the stream broke off."""
        if not self.done:
            raise ModelError("truncated", "The reply broke off before its end.", retryable=True)
        try:
            return self._reply(request_id)
        except (TypeError, ValueError, AttributeError) as error:
            raise ModelError("malformed", _SENSELESS, retryable=True) from error

    def _reply(self, request_id: str | None) -> Reply:
        reason = cast("StopReason", self._stop_reason if self._stop_reason in _STOP_REASONS else "other")
        blocks = [self._block(index, reason) for index in sorted(self._blocks)]
        usage = Usage(**self._counts)
        return Reply(
            message=AssistantMessage(content=tuple(block for block in blocks if block is not None)),
            usage=usage,
            stop_reason=reason,
            model=self._model,
            cost=cost(self._model, usage),
            request_id=request_id,
        )

    def _block(self, index: int, reason: StopReason) -> Block | None:
        block = self._blocks[index]
        kind = block.start.get("type")
        if kind == "text":
            text = _sound(block.joined("text"))
            return Text(text=text) if text else None
        if kind == "tool_use":
            # A call counts only when its block ended and the model stopped for it; else it may be half a call.
            return _call(index, block) if block.finished and reason == "tool_use" else None
        return _opaque(block)


def _opaque(block: _Open) -> Thinking | None:
    """Keep reasoning, and all block types that we do not know, as they have to be sent back."""
    if not block.finished or block.strange:
        return None
    raw = dict(block.start)
    for name in block.parts:
        raw[name] = _sound(block.joined(name))
    if "partial_json" in raw:
        raw["input"] = _parse(raw.pop("partial_json")) or {}
    text = raw.get("thinking")
    return Thinking(text=text if isinstance(text, str) else "", raw=raw)


def _call(index: int, block: _Open) -> ToolCall:
    sent = block.joined("partial_json")
    given = cast("dict[str, Any]", block.start.get("input") or {}) if not sent else _parse(sent)
    return ToolCall(
        id=str(block.start.get("id") or f"call_{index}"),
        name=str(block.start.get("name") or ""),
        input=given or {},
        malformed=None if given is not None else _sound(sent)[:_SHOWN],
    )


def _parse(text: str) -> dict[str, Any] | None:
    """Return the object that the text is in strict JSON, or None."""
    try:
        value: object = json.loads(text, parse_constant=_refuse)
        text.encode()
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()  # halves of characters cannot be stored
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _sound(text: str) -> str:
    """Join halves of characters that came in different deltas; what stays half becomes a question mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
