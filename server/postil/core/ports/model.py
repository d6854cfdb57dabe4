"""What the agent needs of a model's service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from postil.core.errors import ModelErrorKind
from postil.core.messages import AssistantMessage, Message, StopReason, Usage


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as the model sees it."""

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model call: a prefix that stays the same byte for byte, and the messages."""

    model: str
    system: tuple[str, ...]
    tools: tuple[ToolSchema, ...]
    messages: Sequence[Message]
    suffix: str = ""
    """Words that change from step to step, sent after the last message."""
    max_tokens: int = 16_000
    late: tuple[ToolSchema, ...] = ()
    """Tools that were found after the session began; they are sent so that the prefix stays as it was."""
    digests: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of each section of the prefix, by its name."""
    tool_digests: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Begun:
    """The service has begun to answer, and says what it has read."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Some words of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingPiece:
    """Some words of the reasoning."""

    text: str


def _nothing() -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """A try failed; the next one comes after `seconds`. Pieces so far are void."""

    attempt: int
    of: int
    seconds: float
    message: str
    begun: bool = False
    """Whether the service may have begun to answer, so that the try may have to be paid for."""
    kind: ModelErrorKind = "server"
    """What failed."""
    hurry: Callable[[], None] = field(default=_nothing, compare=False)
    """Makes the next try at once."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole reply; the last thing that a stream yields."""

    message: AssistantMessage
    usage: Usage
    stop_reason: StopReason
    model: str
    cost: float | None = None
    request_id: str | None = None
    attempts: int = 1


ModelPiece = Begun | TextPiece | ThinkingPiece | Retrying | Reply


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """What a model can take and give, in tokens."""

    context_window: int
    max_output: int


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write: float
    """For entries that live five minutes, which is what we write."""

    def of(self, usage: Usage, output: int) -> float:
        """Return what a call costs that read what `usage` says and wrote `output`, in US dollars."""
        return (
            usage.input * self.input
            + output * self.output
            + usage.cache_read * self.cache_read
            + usage.cache_write * self.cache_write
        ) / 1_000_000


class Model(Protocol):
    """A model's service."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Yield pieces and then one `Reply`. Raises ModelError. Closing the generator ends the call at once."""
        ...

    async def limits(self, model: str) -> ModelLimits:
        """Return the model's limits, from the service or from a table; never raises."""
        ...

    def known_limits(self, model: str) -> ModelLimits:
        """Return the model's limits as far as they are known now, without asking anybody."""
        ...

    def price(self, model: str) -> Price | None:
        """Return what the model costs, from our own table; None where that is not known."""
        ...

    async def count(self, request: ModelRequest) -> int | None:
        """Return the request's input tokens as the service counts them; None where it does not say. Never raises."""
        ...

    async def warm(self) -> None:
        """Load what the first call needs; never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
