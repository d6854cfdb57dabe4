"""From a model request to the bytes that are sent; what a conversation has behind it is not encoded again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from postil.core.messages import (
    AssistantMessage,
    Block,
    Message,
    Text,
    Thinking,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from postil.core.origin import material, remarked
from postil.core.ports import ModelRequest, ToolSchema
from postil.model.catalog import traits

# At most four in a request, which is what the service takes: after the tools, which change least; after the system's
# sections; and two in the conversation, see `_mark_runs`. What changes from step to step stands behind the last.
_BREAKPOINT = b',"cache_control":{"type":"ephemeral"}}'
_KEPT = 8
"""Conversations, and lists of tools, of which the JSON is kept."""
_OPEN_RUNS = 3
"""The last runs of messages may still change: they get breakpoints, or grow."""


_Late = Mapping[str, ToolSchema]


@dataclass(slots=True)
class _Head:
    """The part of a conversation that will be sent the same in all later requests."""

    references: bool = True
    """Whether tools that were found are referred to, and not described."""
    messages: list[Message] = field(default_factory=list[Message])
    runs: list[bytes] = field(default_factory=list[bytes])


@dataclass(slots=True)
class _Run:
    """Neighbouring messages of one role: one message on the wire."""

    role: bytes
    start: int
    """Which message of the conversation is its first."""
    blocks: list[bytes]

    def json(self) -> bytes:
        return b'{"role":"%s","content":[%s]}' % (self.role, b",".join(self.blocks))


class Wire:
    """Encodes requests and remembers the JSON of what stays the same."""

    def __init__(self) -> None:
        self._heads: dict[int, _Head] = {}
        self._tools: dict[int, tuple[Sequence[ToolSchema], bytes]] = {}

    def encode(self, request: ModelRequest) -> bytes:
        """Return the body of a streaming request, with cache breakpoints after what stays the same."""
        return self._body({"model": request.model, "max_tokens": request.max_tokens, "stream": True}, request)

    def encode_count(self, request: ModelRequest) -> bytes:
        """Return the body that asks how many tokens the request would be."""
        return self._body({"model": request.model}, request)

    def _body(self, head: dict[str, Any], request: ModelRequest) -> bytes:
        if traits(request.model).thinking == "adaptive":
            # Without a display that returns text, newer models think, and write between calls, in silence.
            head["thinking"] = {"type": "adaptive", "display": "summarized"}
        parts = [_json(head)[:-1]]
        references = traits(request.model).references
        if tools := self._tool_list(request, references=references):
            parts += (b',"tools":[', *tools, b"]")
        system = [_json({"type": "text", "text": text}) for text in request.system if text.strip()]
        if system:
            parts += (b',"system":', _array([*system[:-1], _marked(system[-1])]))
        # A long body is copied once, here.
        parts += (b',"messages":[', *_separated(self._message_list(request, references=references)), b"]}")
        return b"".join(parts)

    def _tool_list(self, request: ModelRequest, *, references: bool) -> list[bytes]:
        """Return the tools of the prefix, then those that came late: the service leaves them out of what it reads
        until a result refers to them, so that nothing before the conversation changes."""
        fixed = self._fixed_tools(request.tools) if request.tools else b""
        late = [_json(_tool(it) | {"defer_loading": True}) for it in request.late] if references else []
        return _separated([it for it in (fixed, *late) if it])

    def _fixed_tools(self, tools: tuple[ToolSchema, ...]) -> bytes:
        kept = self._tools.get(id(tools))
        if kept is not None and kept[0] is tools:
            return kept[1]
        encoded = [_json(_tool(tool)) for tool in tools]
        joined = b",".join([*encoded[:-1], _marked(encoded[-1])])
        if len(self._tools) >= _KEPT:
            self._tools.clear()
        self._tools[id(tools)] = (tools, joined)
        return joined

    def _message_list(self, request: ModelRequest, *, references: bool) -> list[bytes]:
        head = self._head(request.messages, references=references)
        late = None if references else {it.name: it for it in request.late}
        runs = _runs(request.messages, len(head.messages), late)
        settled = runs[:-_OPEN_RUNS]
        if settled:
            runs = runs[-_OPEN_RUNS:]
            head.messages += request.messages[len(head.messages) : runs[0].start]
            head.runs += [run.json() for run in settled]
        _mark_runs(runs)
        if request.suffix.strip() and runs and runs[-1].role == b"user":
            runs[-1].blocks.append(_json({"type": "text", "text": request.suffix}))
        return [*head.runs, *(run.json() for run in runs)]

    def _head(self, messages: Sequence[Message], *, references: bool) -> _Head:
        """Return what is kept of the conversation; where it was rewound or replaced, begin anew."""
        key = id(messages[0]) if messages else 0
        head = self._heads.pop(key, None)
        # Comparing lists is fast: messages are the same objects as the last time.
        if (
            head is None
            or head.references != references
            or list(messages[: len(head.messages)]) != head.messages
        ):
            head = _Head(references)
        self._heads[key] = head
        if len(self._heads) > _KEPT:
            del self._heads[next(iter(self._heads))]
        return head


def _runs(messages: Sequence[Message], start: int, late: _Late | None) -> list[_Run]:
    runs: list[_Run] = []
    for number in range(start, len(messages)):
        message = messages[number]
        blocks = _encode(message, late)
        role = b"assistant" if isinstance(message, AssistantMessage) else b"user"
        if blocks and runs and runs[-1].role == role:
            runs[-1].blocks += blocks
        elif blocks:
            runs.append(_Run(role, number, blocks))
    return runs


def _mark_runs(runs: list[_Run]) -> None:
    """Put a breakpoint at the end, and one where the request before this had its end.

    The service looks back twenty blocks from a breakpoint, and a step with many calls is longer than that.
    """
    for run in (runs[-1:] + runs[-3:-2]) if runs else ():
        if run.role == b"user":
            run.blocks[-1] = _marked(run.blocks[-1])


def _encode(message: Message, late: _Late | None) -> list[bytes]:
    """`late` are the tools that results describe; None where they refer to them."""
    match message:
        case UserMessage(text=text):
            return [_json({"type": "text", "text": text})] if text.strip() else []
        case ToolMessage():
            results = [_json(_result(result, late)) for result in message.ordered]
            return [*results, *(_json(it) for result in message.ordered for it in _beside(result, late))]
        case AssistantMessage(content=content):
            return [_json(_block(block)) for block in content if not _is_blank(block)]


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


def _result(result: ToolResult, late: _Late | None) -> dict[str, Any]:
    encoded: dict[str, Any] = {"type": "tool_result", "tool_use_id": result.call_id}
    if result.references and late is None:
        encoded["content"] = [{"type": "tool_reference", "tool_name": it} for it in result.references]
    elif content := _words(result, late or {}):
        encoded["content"] = content
    if result.is_error:
        encoded["is_error"] = True
    return encoded


def _beside(result: ToolResult, late: _Late | None) -> list[dict[str, Any]]:
    """Return the words of a result that refers to tools: references stand by themselves there."""
    if not result.references or late is not None:
        return []
    words = _words(result, {})
    return [{"type": "text", "text": words}] if words.strip() else []


def _words(result: ToolResult, late: _Late) -> str:
    """Return what a result says and what hooks remarked about it, each marked as what it is."""
    said = _described(result, late)
    content = material(said, result.sources, result.call_id) if said else ""
    return remarked(content, result.remarks, result.call_id)


def _described(result: ToolResult, late: _Late) -> str:
    """Return a result's words with the tools that it has found in full, for a model that no reference tells anything."""
    known = (late[it] for it in result.references if it in late)
    lines = [json.dumps(_tool(it), ensure_ascii=False, separators=(",", ":")) for it in known]
    return "\n".join([result.content, "Use them through `use_tool`:", *lines]) if lines else result.content


def _tool(tool: ToolSchema) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _separated(items: list[bytes]) -> list[bytes]:
    separated = [b","] * (2 * len(items) - 1)
    separated[::2] = items
    return separated


def _array(items: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(items) + b"]"


def _marked(block: bytes) -> bytes:
    return block[:-1] + _BREAKPOINT
