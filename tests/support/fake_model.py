"""A `Model` that plays a list of replies: it pauses at named points, fails when told to, and keeps what it was sent.

model = FakeModel([says("Let me look.", call("read", path="a.py")), says("Done.")])
Which reply is played depends on how many the conversation already holds, so that a request which is made again
after a crash gets the same reply again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from postil.core.errors import ModelError
from postil.core.messages import AssistantMessage, StopReason, Text, ToolCall, Usage
from postil.core.ports import (
    Begun,
    ModelLimits,
    ModelPiece,
    ModelRequest,
    Price,
    Reply,
    Retrying,
    TextPiece,
    ThinkingPiece,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pause:
    """A point at which the model waits until the test says `go`."""

    name: str


@dataclass(slots=True)
class Gate:
    """Both sides of a pause."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


Piece = str | Begun | Pause | Retrying | ThinkingPiece | ToolCall


@dataclass(frozen=True, slots=True)
class Play:
    """One reply: its pieces in order, and how it ends."""

    pieces: tuple[Piece, ...]
    stop: StopReason | None = None
    usage: Usage = field(default_factory=lambda: Usage(input=100, output=10))
    cost: float | None = 0.01
    breaks_off: bool = False
    """Whether the stream ends without its last piece."""


def says(*pieces: Piece, stop: StopReason | None = None) -> Play:
    """Return a reply of these pieces; strings are words."""
    return Play(pieces, stop)


_numbers = itertools.count(1)


def call(tool: str, call_id: str = "", **arguments: Any) -> ToolCall:
    """Return a call of a tool; ids count within the run unless one is given."""
    return ToolCall(id=call_id or f"call_{next(_numbers)}", name=tool, input=arguments)


class FakeModel:
    """A `core.ports.Model`."""

    def __init__(self, plays: Sequence[Play]) -> None:
        self.plays = list(plays)
        self.requests: list[ModelRequest] = []
        """Every request, with its messages as they were then."""
        self.failures: dict[int, list[ModelError]] = {}
        """Errors to raise in place of the reply at a position, one after another."""
        self.gates: dict[str, Gate] = {}
        self.priced: Price | None = None
        self.counts: Callable[[ModelRequest], int] | None = None
        """How the service counts tokens, where it does."""
        self.counted: list[ModelRequest] = []
        self.closed_streams = 0
        """Streams that were left before their end."""

    def gate(self, name: str) -> Gate:
        """Return the gate of a pause."""
        return self.gates.setdefault(name, Gate())

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Play the reply that is next in this conversation."""
        position = sum(isinstance(message, AssistantMessage) for message in request.messages)
        kept = [message.model_copy(deep=True) for message in request.messages]
        self.requests.append(replace(request, messages=kept))
        ended = False
        try:
            await asyncio.sleep(0)
            if self.failures.get(position):
                ended = True
                raise self.failures[position].pop(0)
            play = self.plays[position]
            for piece in play.pieces:
                shown = await self._shown(piece)
                if shown is not None:
                    yield shown
            await asyncio.sleep(0)
            if not play.breaks_off:
                yield reply_of(play, request.model)
            ended = True
        finally:
            self.closed_streams += not ended

    def known_limits(self, model: str) -> ModelLimits:
        return ModelLimits(200_000, 64_000)

    def price(self, model: str) -> Price | None:
        return self.priced

    async def count(self, request: ModelRequest) -> int | None:
        await asyncio.sleep(0)
        self.counted.append(request)
        return self.counts(request) if self.counts is not None else None

    async def limits(self, model: str) -> ModelLimits:
        return ModelLimits(200_000, 64_000)

    async def warm(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def _shown(self, piece: Piece) -> ModelPiece | None:
        await asyncio.sleep(0)
        if isinstance(piece, Pause):
            gate = self.gate(piece.name)
            gate.reached.set()
            await gate.go.wait()
            return None
        if isinstance(piece, str):
            return TextPiece(piece)
        return None if isinstance(piece, ToolCall) else piece


def reply_of(play: Play, model: str) -> Reply:
    """Return the whole reply that a play ends with."""
    words = "".join(piece for piece in play.pieces if isinstance(piece, str))
    calls = tuple(piece for piece in play.pieces if isinstance(piece, ToolCall))
    content = ((Text(text=words),) if words else ()) + calls
    stop: StopReason = play.stop or ("tool_use" if calls else "end_turn")
    return Reply(AssistantMessage(content=content), play.usage, stop, model, play.cost)
