"""A model that writes summaries too: a request without tools is for one, and the plays go on however much was summarised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

from postil.context.estimate import Estimator
from postil.core.errors import ModelError
from postil.core.messages import AssistantMessage, Text, Usage
from postil.core.ports import ModelLimits, ModelPiece, ModelRequest, Reply, TextPiece
from tests.support.fake_model import FakeModel, Gate, Play, reply_of


@dataclass
class Story:
    """What goes on from one process to the next."""

    plays: Sequence[Play]
    summaries: list[str | ModelError | Gate | Play]
    window: int = 24_000
    told: int = 0
    """Plays that were told to their end."""
    requests: list[ModelRequest] = field(default_factory=list[ModelRequest])
    asked: list[ModelRequest] = field(default_factory=list[ModelRequest])
    """The requests for summaries."""


class SummingModel(FakeModel):
    """A `core.ports.Model`."""

    def __init__(self, story: Story) -> None:
        super().__init__(story.plays)
        self.story = story
        self.counts = lambda it: Estimator().estimate(it).tokens

    def known_limits(self, model: str) -> ModelLimits:
        return ModelLimits(self.story.window, 8_000)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Play the next reply, or write the next summary."""
        story = self.story
        await asyncio.sleep(0)
        if not request.tools:
            story.asked.append(request)
            async for piece in self._summary():
                yield piece
            return
        story.requests.append(
            replace(request, messages=[it.model_copy(deep=True) for it in request.messages])
        )
        play = story.plays[story.told]
        for piece in play.pieces:
            if isinstance(piece, str):
                yield TextPiece(piece)
        yield reply_of(replace(play, usage=self._usage(request)), request.model)
        story.told += 1

    def _usage(self, request: ModelRequest) -> Usage:
        return Usage(input=Estimator().estimate(request).tokens, output=50)

    async def _summary(self) -> AsyncGenerator[ModelPiece]:
        next_ = self.story.summaries.pop(0) if self.story.summaries else "### Found\n\nAll of it."
        if isinstance(next_, Gate):
            next_.reached.set()
            await next_.go.wait()
            next_ = "### Found\n\nAt last."
        if isinstance(next_, ModelError):
            raise next_
        if isinstance(next_, Play):
            yield reply_of(next_, "fake")
            return
        yield TextPiece(next_)
        message = AssistantMessage(content=(Text(text=next_),))
        yield Reply(message, Usage(input=2_000, output=300), "end_turn", "fake", 0.02)
