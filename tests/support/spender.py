"""A model that uses up what it is allowed to, at prices and by counts that a test draws."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace

from postil.context.estimate import Estimator
from postil.core.errors import ModelError
from postil.core.messages import AssistantMessage, Usage
from postil.core.ports import Begun, ModelPiece, ModelRequest, Price, Reply, Retrying
from postil.core.spending import Spent, spent_by
from tests.support.fake_model import FakeModel, Play


@dataclass(frozen=True, slots=True)
class Use:
    """How one try of a call goes."""

    off: float = 1.0
    """How many times the estimate its input really is."""
    written: float = 1.0
    """How much of the allowed output it writes."""
    cached: float = 0.0
    breaks: bool = False
    """Whether the service breaks off after it began to answer, and the call is tried again."""
    tells: bool = False
    """Whether the service says at the beginning what it has read."""
    fails: bool = False
    """Whether the service refuses before it begins."""


@dataclass
class Spender(FakeModel):
    """Every attempt that begins is paid for, whether or not its reply arrives."""

    script: Sequence[Play]
    uses: Sequence[Use]
    cost: Price | None
    counting: bool = True
    spent: list[Spent] = field(default_factory=list[Spent])
    """What each attempt really used."""
    told: int = 0
    seen: Callable[[Spent], None] = lambda _: None
    """Is called with all that was used, at each attempt."""

    def __post_init__(self) -> None:
        super().__init__(self.script)
        self.priced = self.cost
        self.counts = self._counted if self.counting else None

    def _use(self) -> Use:
        return self.uses[len(self.spent) % len(self.uses)] if self.uses else Use()

    def _counted(self, request: ModelRequest) -> int:
        return max(1, round(Estimator().estimate(request).tokens * self._use().off))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPiece]:
        """Play the reply that is next, after the tries that break off."""
        use = self._use()
        if use.fails and self.told < 3:
            self.told += 1
            raise ModelError("overloaded", "Too much.", retryable=True)
        self.told = 0
        while True:
            use = self._use()
            usage = self._usage(request, use)
            self.spent.append(spent_by(usage, self._paid(usage)))
            self.seen(sum(self.spent, Spent()))
            if use.tells:
                yield Begun(usage)
            if not use.breaks or all(it.breaks for it in self.uses):
                break
            yield Retrying(1, 6, 0.0, "It broke off.", begun=True)
        position = sum(isinstance(message, AssistantMessage) for message in request.messages)
        self.plays[position] = replace(self.plays[position], usage=usage, cost=self._paid(usage))
        async for piece in super().stream(request):
            yield replace(piece, usage=usage) if isinstance(piece, Reply) else piece

    def _usage(self, request: ModelRequest, use: Use) -> Usage:
        total = max(1, round(Estimator().estimate(request).tokens * use.off))
        kept = int(total * use.cached)
        output = max(1, int(request.max_tokens * use.written))
        return Usage(input=0, cache_read=kept, cache_write=total - kept, output=output)

    def _paid(self, usage: Usage) -> float | None:
        price = self.cost
        if price is None:
            return None
        return (
            usage.input * price.input + usage.output * price.output
            + usage.cache_read * price.cache_read + usage.cache_write * price.cache_write
        ) / 1_000_000  # fmt: skip
