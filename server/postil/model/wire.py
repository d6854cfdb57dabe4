"""From a model request to the bytes that are sent: each message is turned into JSON once, not once a step."""

from __future__ import annotations

import json
import weakref
from collections.abc import Sequence
from typing import Any

from postil.core.messages import AssistantMessage, Block, Message, Text, Thinking, ToolMessage, UserMessage
from postil.core.ports import ModelRequest, ToolSchema
from postil.model.catalog import traits

_BREAKPOINT = b',"cache_control":{"type":"ephemeral"}}'
_KEPT_PREFIXES = 16

Blocks = tuple[bytes, ...]


class Wire:
    """Encodes requests and remembers the JSON of what stays the same."""

    def __init__(self) -> None:
        self._messages: dict[int, tuple[weakref.ref[Any], Blocks]] = {}
        self._tools: dict[int, tuple[Sequence[ToolSchema], bytes]] = {}

    def encode(self, request: ModelRequest) -> bytes:
        """Return the body of a streaming request, with cache breakpoints after what stays the same."""
        head: dict[str, Any] = {"model": request.model, "max_tokens": request.max_tokens, "stream": True}
        if traits(request.model).thinking == "adaptive":
            # Without a display that returns text, newer models think, and write between calls, in silence.
            head["thinking"] = {"type": "adaptive", "display": "summarized"}
        parts = [_json(head)[:-1]]
        if request.tools:
            parts += (b',"tools":', self._tool_list(request.tools))
        system = [_json({"type": "text", "text": text}) for text in request.system if text.strip()]
        if system:
            parts += (b',"system":', _array([*system[:-1], _marked(system[-1])]))
        parts += (b',"messages":', self._message_list(request), b"}")
        return b"".join(parts)

    def _tool_list(self, tools: tuple[ToolSchema, ...]) -> bytes:
        kept = self._tools.get(id(tools))
        if kept is not None and kept[0] is tools:
            return kept[1]
        encoded = [
            _json({"name": tool.name, "description": tool.description, "input_schema": tool.input_schema})
            for tool in tools
        ]
        array = _array([*encoded[:-1], _marked(encoded[-1])])
        if len(self._tools) >= _KEPT_PREFIXES:
            self._tools.clear()
        self._tools[id(tools)] = (tools, array)
        return array

    def _message_list(self, request: ModelRequest) -> bytes:
        runs: list[tuple[str, list[bytes]]] = []
        for message in request.messages:
            role = "assistant" if isinstance(message, AssistantMessage) else "user"
            blocks = self._blocks(message)
            if not blocks:
                continue
            if runs and runs[-1][0] == role:
                runs[-1][1].extend(blocks)
            else:
                runs.append((role, list(blocks)))
        _mark_runs(runs)
        if request.suffix.strip() and runs and runs[-1][0] == "user":
            runs[-1][1].append(_json({"type": "text", "text": request.suffix}))
        return _array([b'{"role":"%s","content":%s}' % (role.encode(), _array(run)) for role, run in runs])

    def _blocks(self, message: Message) -> Blocks:
        key = id(message)
        kept = self._messages.get(key)
        if kept is not None and kept[0]() is message:
            return kept[1]
        blocks = _encode(message)
        if not isinstance(message, ToolMessage) or message.complete:
            forget = self._messages.pop
            self._messages[key] = (weakref.ref(message, lambda _: forget(key, None)), blocks)
        return blocks


def _mark_runs(runs: list[tuple[str, list[bytes]]]) -> None:
    """Put a breakpoint at the end, and one where the request before this had its end.

    The service looks back twenty blocks from a breakpoint, and a step with many calls is longer than that.
    """
    for place in (-1, -3):
        if len(runs) >= -place and runs[place][0] == "user":
            run = runs[place][1]
            run[-1] = _marked(run[-1])


def _encode(message: Message) -> Blocks:
    match message:
        case UserMessage(text=text):
            return (_json({"type": "text", "text": text}),) if text.strip() else ()
        case ToolMessage():
            return tuple(
                _json(_result(result.call_id, result.content, result.is_error)) for result in message.ordered
            )
        case AssistantMessage(content=content):
            return tuple(_json(_block(block)) for block in content if not _is_blank(block))


def _is_blank(block: Block) -> bool:
    """The service refuses texts without a word."""
    return isinstance(block, Text) and not block.text.strip()


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Thinking(raw=raw):
            return raw
        case _:
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": block.input}


def _result(call_id: str, content: str, is_error: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"type": "tool_result", "tool_use_id": call_id}
    if content:
        result["content"] = content
    if is_error:
        result["is_error"] = True
    return result


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _array(items: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _marked(block: bytes) -> bytes:
    return block[:-1] + _BREAKPOINT
