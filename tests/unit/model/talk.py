"""What the tests of the model share: a script played over a real socket, and what the adapter makes of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from postil.core.errors import ModelError
from postil.core.messages import AssistantMessage, Message, ToolMessage, ToolResult, UserMessage
from postil.core.ports import ModelPiece, ModelRequest, Reply, Retrying, TextPiece, ThinkingPiece, ToolSchema
from postil.model.anthropic import AnthropicModel
from postil.model.keys import Keys
from postil.model.scripted import ScriptedModel

MODEL = "claude-sonnet-5-5"
READ = ToolSchema("read", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
EDIT = ToolSchema("edit", "Edits a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
TOOLS = (READ, EDIT)


@dataclass
class Talk:
    """One adapter and one scripted model."""

    server: ScriptedModel
    model: AnthropicModel
    slept: list[float] = field(default_factory=list[float])

    def request(
        self, messages: Sequence[Message] | str, suffix: str = "", model: str = MODEL
    ) -> ModelRequest:
        if isinstance(messages, str):
            messages = [UserMessage(text=messages)]
        return ModelRequest(model, ("You are terse.",), TOOLS, messages, suffix)

    async def pieces(self, messages: Sequence[Message] | str = "Hello", suffix: str = "") -> list[ModelPiece]:
        return [piece async for piece in self.model.stream(self.request(messages, suffix))]

    async def reply(self, messages: Sequence[Message] | str = "Hello", suffix: str = "") -> Reply:
        last = (await self.pieces(messages, suffix))[-1]
        assert isinstance(last, Reply)
        return last

    async def fails(self, messages: Sequence[Message] | str = "Hello") -> ModelError:
        with pytest.raises(ModelError) as caught:
            await self.pieces(messages)
        return caught.value


@asynccontextmanager
async def talking(script: str | list[Any] | dict[str, Any], **options: Any) -> AsyncGenerator[Talk]:
    """Play the script; waits between tries take no time and are written down."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with ScriptedModel.load(script) as server:
        settings: dict[str, Any] = {
            "keys": Keys(Path("no such folder")),
            "base_url": server.url,
            "sleep": sleep,
            "jitter": lambda: 0.0,
            **options,
        }
        model = AnthropicModel(**settings)
        try:
            yield Talk(server, model, slept)
        finally:
            await model.close()


def shown(pieces: Sequence[ModelPiece]) -> str:
    """Return the words that a person has seen in the end: what came before a new try is void."""
    text = ""
    for piece in pieces:
        if isinstance(piece, Retrying):
            text = ""
        elif isinstance(piece, TextPiece):
            text += piece.text
    return text


def thought(pieces: Sequence[ModelPiece]) -> str:
    """Return the reasoning that was shown."""
    return "".join(piece.text for piece in pieces if isinstance(piece, ThinkingPiece))


def answered(message: AssistantMessage, *contents: str) -> ToolMessage:
    """Return the results of all calls of a reply."""
    calls = message.calls
    results = {
        call.id: ToolResult(call_id=call.id, content=content)
        for call, content in zip(calls, contents, strict=True)
    }
    return ToolMessage(call_ids=tuple(call.id for call in calls), results=results)
