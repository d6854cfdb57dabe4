"""A model that plays what an invariant wants the harness to stand: in this process, without a service."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from postil.core.messages import AssistantMessage, Text, ToolCall, Usage
from postil.core.ports import Begun, ModelLimits, ModelPiece, ModelRequest, Price, Reply, TextPiece
from postil.model.catalog import entry

_numbers = itertools.count(1)


def call(tool: str, **given: object) -> ToolCall:
    """Return a call of a tool."""
    return ToolCall.model_validate({"id": f"call_{next(_numbers)}", "name": tool, "input": given})


@dataclass(frozen=True, slots=True)
class Play:
    """One reply."""

    calls: tuple[ToolCall, ...] = ()
    words: str = ""
    usage: Usage = field(default_factory=lambda: Usage(input=100, output=10))
    hangs: bool = False
    """Whether the reply never ends by itself."""


def calls(*made: ToolCall) -> Play:
    """Return a reply that asks for these."""
    return Play(made)


DONE = Play(words="Done.")


class Playing:
    """A `core.ports.Model` whose replies depend on how many there were in the conversation: asked again, it says the same."""

    def __init__(self, play: Callable[[int], Play]) -> None:
        """`play` returns the reply at a place, from 0."""
        self._play = play
        self.requests: list[ModelRequest] = []
        self.hanging = asyncio.Event()
        """Set while a reply is under way that never ends."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Play the reply that is next in this conversation."""
        self.requests.append(request)
        place = sum(isinstance(it, AssistantMessage) for it in request.messages)
        play = self._play(place)
        yield Begun(play.usage.model_copy(update={"output": 0}))
        if play.words:
            yield TextPiece(play.words)
        if play.hangs:
            self.hanging.set()
            await asyncio.Event().wait()
        price = self.price(request.model)
        words = (Text(text=play.words),) if play.words else ()
        yield Reply(
            AssistantMessage(content=(*words, *play.calls)),
            play.usage,
            "tool_use" if play.calls else "end_turn",
            request.model,
            price.of(play.usage, play.usage.output) if price is not None else None,
        )

    def known_limits(self, model: str) -> ModelLimits:
        """Return what the table has."""
        return entry(model).limits

    async def limits(self, model: str) -> ModelLimits:
        """Return what the table has."""
        return entry(model).limits

    def price(self, model: str) -> Price | None:
        """Return what the table has: limits in money hold only where it has something."""
        return entry(model).price

    async def count(self, request: ModelRequest) -> int | None:
        """Count nothing."""
        del request
        return None

    async def warm(self) -> None:
        """Need nothing."""

    async def close(self) -> None:
        """Hold nothing."""
