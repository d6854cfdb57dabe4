"""What a call of the model may cost and did, against limits on tokens and money; money is counted in whole billionths of a dollar."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, TypeVar

from postil.core.event import Event
from postil.core.messages import Usage, Value

BILLION = 1_000_000_000
_ROUNDING = 1e-3
"""Billionths that adding up floats may be wrong by."""

Scope = Literal["turn", "session", "day"]
RAISE, COMPACT, END = "raise", "compact", "end"
"""The answers to a halt."""


class Spent(Value):
    """What was used up: tokens read and written, cached or not, and billionths of a dollar where the price is known."""

    tokens: int = 0
    nano: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(tokens=self.tokens + other.tokens, nano=self.nano + other.nano)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(tokens=self.tokens - other.tokens, nano=self.nano - other.nano)

    @property
    def cost(self) -> float:
        """US dollars."""
        return self.nano / BILLION


def nano(cost: float | None) -> int:
    """Return US dollars as billionths, rounded up: what is counted is never less than what was paid."""
    return math.ceil(cost * BILLION - _ROUNDING) if cost is not None else 0


def spent_by(usage: Usage, cost: float | None) -> Spent:
    """Return what one reply used up."""
    return Spent(tokens=usage.total_input + usage.output, nano=nano(cost))


def worst_cost(read: int, written: int, prices: tuple[float, float]) -> float:
    """Return US dollars for tokens at `prices`: those of input at its dearest and of output, in billionths a token."""
    into, out = prices
    return (read * into + written * out) / BILLION


class Allowance(Value):
    """How much may be spent; None is without limit."""

    tokens: int | None = None
    cost: float | None = None
    """US dollars."""

    def raised(self, by: Allowance) -> Allowance:
        """Return the larger of both, limit by limit; what only one of them names is that one's."""
        return Allowance(tokens=_larger(self.tokens, by.tokens), cost=_larger(self.cost, by.cost))


_Limit = TypeVar("_Limit", int, float)


def _larger(limit: _Limit | None, other: _Limit | None) -> _Limit | None:
    return max((it for it in (limit, other) if it is not None), default=None)


class Projection(Value):
    """What a call will use, before it is made."""

    estimated: int
    """Input tokens as they are estimated from the text alone; what the usage of replies is compared with."""
    input: int
    """Input tokens as they are expected: estimated and corrected, or counted by the service."""
    most_input: int
    """Input tokens that are set aside, as many as it can be: the service's count, or every byte that is sent a token."""
    exact: bool = False
    """Whether the service counted them."""
    cached: int = 0
    """How many of them the service should have kept."""
    output: int
    """The most output tokens that the call may have."""
    likely: float | None = None
    """US dollars if the cache holds and all of the output is used; None where the price is not known."""
    cost: float | None = None
    """US dollars in the worst case, which is what is set aside."""
    window: int = 0
    """Tokens that the model can read and write in one call."""

    @property
    def worst(self) -> Spent:
        """What is set aside for it."""
        return Spent(tokens=self.most_input + self.output, nano=nano(self.cost))


class Balance(Value):
    """Where one limit stands."""

    scope: str
    """`turn`, `session` or `day`, or the name of a sub-agent."""
    spent: Spent = Spent()
    most: Allowance = Allowance()


class ModelCalled(Event):
    """A call of the model, written and synced before it is made: from here its worst case counts as spent.

    Its `ModelReplied` puts what it really used in place of that; a `ModelFailed` to which the service had answered
    nothing takes it back. A call of which nobody saw the end stays counted in full, but for what `ModelBrokeOff` knows.
    """

    type: Literal["ModelCalled"] = "ModelCalled"
    turn_id: str
    step: int
    number: int
    """Counts the session's calls of the model from 1, tries that broke off included."""
    day: str
    """On which it counts, as in 2026-11-22, where it was made."""
    model: str
    projection: Projection
    balances: tuple[Balance, ...] = ()
    """Each limit before the call, the narrowest first."""


class ModelBrokeOff(Event):
    """A call was left, or its connection broke, after the service had said how much it read.

    It counts with that and with all of the output that it was allowed: how much was written nobody saw.
    """

    type: Literal["ModelBrokeOff"] = "ModelBrokeOff"
    turn_id: str
    step: int
    number: int
    """Of its `ModelCalled`."""
    input: int
    """Tokens that were read, cached or not."""
    most: Spent
    """What it counts for from here."""


class Calibration(Value):
    """How far the estimates of one model's input were from what the service counted."""

    ratio: float = 1.0
    """What an estimate is multiplied with; follows the last replies."""
    highest: float = 1.0
    """The largest ratio of late: what estimates have to be safe against."""
    samples: int = 0
    error: float = 0.0
    """The mean of how far corrected estimates were off, as a part of what was counted."""
    worst: float = 0.0
    """The largest of those."""

    @property
    def margin(self) -> float:
        """By what part more than is expected may be read."""
        if not self.samples:
            return 0.5
        return max(0.1, 2 * self.error, 1.1 * self.highest / self.ratio - 1)

    def after(self, estimated: int, counted: int) -> Calibration:
        """Return it after one more reply."""
        if estimated <= 0 or counted <= 0:
            return self
        sample = counted / estimated
        ratio = sample if not self.samples else self.ratio + _FOLLOWS * (sample - self.ratio)
        off = abs(self.ratio * estimated - counted) / counted if self.samples else 0.0
        return Calibration(
            ratio=round(ratio, 6),
            highest=round(
                max(sample, ratio + _FADES * (self.highest - ratio) if self.samples else sample), 6
            ),
            samples=self.samples + 1,
            error=round((self.error * max(0, self.samples - 1) + off) / max(1, self.samples), 6),
            worst=round(max(self.worst, off), 6),
        )


_FOLLOWS = 0.4
"""How much of a new difference is believed."""
_FADES = 0.8
"""How much of an old extreme is left after each reply."""


class Raise(Value):
    """A limit that a person raised, as a question names it."""

    scope: Scope
    to: Allowance
    day: str = ""
    """The day that it is for, where the scope is one."""

    @property
    def text(self) -> str:
        """As it stands in a question's `about`."""
        return self.model_dump_json(exclude_defaults=True)


def raises(about: Iterable[str]) -> tuple[Raise, ...]:
    """Return what a question would raise."""
    return tuple(map(Raise.model_validate_json, about))
