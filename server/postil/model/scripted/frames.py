"""From a reply to what goes over the wire: events of a stream, or a whole message."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from postil.model.scripted.checks import seal, sign
from postil.model.scripted.choice import fill
from postil.model.scripted.script import Block, RawBlock, RedactedBlock, Reply, TextBlock, ThinkingBlock
from postil.model.scripted.tokens import estimate

GARBAGE = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n'
Kind = Literal["delta", "ending", "other"]
_FRAME = 30
"""Characters of a delta's JSON that are not content, about."""
PING = b'event: ping\ndata: {"type":"ping"}\n\n'


@dataclass(frozen=True, slots=True)
class Part:
    """One content block, ready to be sent."""

    start: dict[str, Any]
    """The block at its start, empty."""
    whole: dict[str, Any]
    """The block at its end, as a client must have it."""
    deltas: tuple[str, ...]
    """The JSON of each delta."""
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply made ready for one request."""

    id: str
    model: str
    parts: tuple[Part, ...]
    usage: dict[str, Any]
    stop_reason: str
    reply: Reply

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The content as the client must have it in the end."""
        return [part.whole for part in self.parts]


def _cut(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def _deltas(kind: str, name: str, pieces: list[str]) -> tuple[str, ...]:
    head = f'{{"type":"{kind}","{name}":'
    return tuple(f"{head}{json.dumps(piece, ensure_ascii=False)}}}" for piece in pieces)


class Speaker:
    """Turns replies into content blocks for one request."""

    def __init__(
        self, reply: Reply, body: dict[str, Any], values: dict[str, str], taken: Container[str]
    ) -> None:
        self._reply = reply
        self._values = values
        self._taken = taken
        self._given: set[str] = set()
        self._turn = len(cast("list[object]", body.get("messages", [])))
        thinking = cast("dict[str, Any]", body.get("thinking") or {})
        self._shows = thinking.get("type") == "enabled" or thinking.get("display") == "summarized"

    def parts(self) -> tuple[Part, ...]:
        """Return all blocks of the reply."""
        return tuple(self._part(index, block) for index, block in enumerate(self._reply.blocks))

    def _part(self, index: int, block: Block) -> Part:
        chunk = self._reply.chunk
        if isinstance(block, TextBlock):
            text = fill(block.text, self._values)
            whole = {"type": "text", "text": text}
            deltas = _deltas("text_delta", "text", _cut(text, chunk))
            return Part({"type": "text", "text": ""}, whole, deltas, not block.unfinished)
        if isinstance(block, ThinkingBlock):
            return self._thinking(block)
        if isinstance(block, RedactedBlock):
            redacted = {"type": "redacted_thinking", "data": seal(block.redacted)}
            return Part(redacted, redacted, ())
        if isinstance(block, RawBlock):
            deltas = tuple(json.dumps(delta) for delta in block.deltas)
            return Part(dict(block.block), dict(block.block), deltas)
        arguments = fill(block.input, self._values)
        sent = json.dumps(arguments, ensure_ascii=False) if block.malformed is None else block.malformed
        start: dict[str, Any] = {
            "type": "tool_use",
            "id": block.id or self._call_id(index),
            "name": block.tool,
            "input": {},
        }
        # The service begins with an empty piece, which clients have to take.
        deltas = _deltas("input_json_delta", "partial_json", ["", *_cut(sent, chunk)])
        return Part(start, {**start, "input": arguments}, deltas, not block.unfinished)

    def _thinking(self, block: ThinkingBlock) -> Part:
        """Think in silence unless the request asked for a display, as newer models do."""
        text = fill(block.thinking, self._values) if self._shows else ""
        signature = block.signature or sign(text)
        deltas = _deltas("thinking_delta", "thinking", _cut(text, self._reply.chunk))
        deltas += _deltas("signature_delta", "signature", [signature])
        start = {"type": "thinking", "thinking": "", "signature": ""}
        return Part(start, {"type": "thinking", "thinking": text, "signature": signature}, deltas)

    def _call_id(self, index: int) -> str:
        """Number calls by their place in the conversation, so that a server started later goes on well."""
        name = f"toolu_{self._turn:04d}_{index}"
        while name in self._taken or name in self._given:
            name += "b"
        self._given.add(name)
        return name


def usage_of(reply: Reply, parts: tuple[Part, ...], counted: tuple[int, int, int]) -> dict[str, Any]:
    """Return the usage to report: what the script gives, else estimates."""
    given = reply.usage
    size = sum(len(delta) - _FRAME for part in parts for delta in part.deltas)
    estimates = {
        "input": counted[0],
        "cache_read": counted[1],
        "cache_write": counted[2],
        "output": estimate(size),
    }
    if given.input is not None:
        # Who gives the input means all of it.
        estimates |= {"cache_read": 0, "cache_write": 0}
    chosen = {**estimates, **given.model_dump(exclude_none=True)}
    return {
        "input_tokens": chosen["input"],
        "cache_creation_input_tokens": chosen["cache_write"],
        "cache_read_input_tokens": chosen["cache_read"],
        "output_tokens": chosen["output"],
    }


def stop_of(reply: Reply) -> str:
    """Return the reply's stop reason, by its content unless given."""
    if reply.stop_reason is not None:
        return reply.stop_reason
    return "tool_use" if any(hasattr(block, "tool") for block in reply.blocks) else "end_turn"


def message(spoken: Spoken) -> dict[str, Any]:
    """Return the answer to a request that does not stream."""
    return {**_shell(spoken), "content": spoken.blocks, "usage": spoken.usage, **_ending(spoken)}


def _shell(spoken: Spoken) -> dict[str, Any]:
    return {
        "id": spoken.id,
        "type": "message",
        "role": "assistant",
        "model": spoken.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**spoken.usage, "output_tokens": 1},
    }


def _ending(spoken: Spoken) -> dict[str, Any]:
    ending: dict[str, Any] = {"stop_reason": spoken.stop_reason, "stop_sequence": spoken.reply.stop_sequence}
    if spoken.reply.stop_details is not None:
        ending["stop_details"] = spoken.reply.stop_details
    return ending


def event(data: dict[str, Any]) -> bytes:
    """Return one event as a frame."""
    return f"event: {data['type']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _stop(index: int) -> bytes:
    return f'event: content_block_stop\ndata: {{"type":"content_block_stop","index":{index}}}\n\n'.encode()


def stream(spoken: Spoken) -> Iterator[tuple[bytes, Kind]]:
    """Yield frames, and of each whether it is a delta of the content or ends the message."""
    yield event({"type": "message_start", "message": _shell(spoken)}), "other"
    for extra in spoken.reply.events:
        yield event(dict(extra)), "other"
    late: list[bytes] = []
    for index, part in enumerate(spoken.parts):
        yield event({"type": "content_block_start", "index": index, "content_block": part.start}), "other"
        head = f'event: content_block_delta\ndata: {{"type":"content_block_delta","index":{index},"delta":'
        for delta in part.deltas:
            yield f"{head}{delta}}}\n\n".encode(), "delta"
        if not part.finished:
            continue
        if spoken.reply.interleave:
            late.append(_stop(index))
        else:
            yield _stop(index), "other"
    for frame in late:
        yield frame, "other"
    if spoken.reply.truncate is True:
        return
    yield event({"type": "message_delta", "delta": _ending(spoken), "usage": spoken.usage}), "ending"
    yield event({"type": "message_stop"}), "ending"
