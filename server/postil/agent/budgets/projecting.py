"""What the next call of the model will use: from its text and past replies, and counted by the service where it matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from postil.context.estimate import Estimator
from postil.core.ports import Model, ModelRequest, Price
from postil.core.spending import Calibration, Projection, worst_cost
from postil.core.state import State

KEPT_FOR = 300.0
"""Seconds for which the service keeps what it has read."""
_COUNTED = 0.005
"""By what part the service's own count may be less than what it then uses."""
_FEW = 8
"""Tokens that roundings may add."""
_MILLION = 1_000_000
_NANO = 1_000.0
"""Billionths of a dollar a token, for a dollar a million tokens."""


@dataclass(frozen=True, slots=True)
class Projector:
    """Projects the calls of one process; it remembers what it has estimated."""

    model: Model
    estimator: Estimator

    def project(
        self, request: ModelRequest, state: State, now: float, counted: int | None = None
    ) -> Projection:
        """Return the projection; `counted` are the input tokens as the service has them, where it was asked.

        Without a count every byte may be a token: what is set aside has to be enough whatever the text is, and what is
        not used of it comes back with the reply.
        """
        limits, price = self.model.known_limits(request.model), self.model.price(request.model)
        estimate = self.estimator.estimate(request)
        expected, most = counted, estimate.most
        if expected is None:
            expected = max(1, round(estimate.tokens * _calibration(request, state).ratio))
        else:
            most = ceil(expected * (1 + _COUNTED)) + _FEW
        return priced(
            Projection(
                estimated=estimate.tokens,
                input=expected,
                most_input=most,
                exact=counted is not None,
                cached=min(expected, _kept(state, request, now)),
                output=min(request.max_tokens, limits.max_output),
                window=limits.context_window,
            ),
            price,
        )

    def may_overflow(self, projection: Projection, request: ModelRequest, state: State) -> bool:
        """Whether the call may be more than the model can read and write, by as much as estimates of it were wrong."""
        read = projection.input * (1 + _calibration(request, state).margin)
        return read + projection.output > projection.window > 0


def _calibration(request: ModelRequest, state: State) -> Calibration:
    return state.workflow.calibration.get(request.model, Calibration())


def priced(projection: Projection, price: Price | None) -> Projection:
    """Return the projection with its costs, for the output that it has."""
    if price is None:
        return projection.model_copy(update={"cost": None, "likely": None})
    fresh = projection.input - projection.cached
    return projection.model_copy(
        update={
            "cost": worst_cost(projection.most_input, projection.output, prices(price)),
            "likely": (
                projection.cached * price.cache_read + fresh * max(price.input, price.cache_write) + projection.output * price.output
            ) / _MILLION,
        }
    )  # fmt: skip


def prices(price: Price) -> tuple[float, float]:
    """Return what a token costs at its dearest, read and written, in billionths of a dollar."""
    return max(price.input, price.cache_write, price.cache_read) * _NANO, price.output * _NANO


def with_output(request: ModelRequest, projection: Projection) -> ModelRequest:
    """Return the request with as much output as was projected."""
    return replace(request, max_tokens=projection.output)


def _kept(state: State, request: ModelRequest, now: float) -> int:
    """Return how many tokens of the request the service should have kept from the last."""
    workflow = state.workflow
    same = workflow.prefix is not None and workflow.prefix.digests == request.digests
    return workflow.last_read if same and now - workflow.last_read_at < KEPT_FOR else 0
