"""What the next call of the model will use: from its text and past replies, and counted by the service where it matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from postil.context.estimate import Estimator
from postil.core.ports import Model, ModelRequest, Price
from postil.core.spending import Calibration, Projection
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
        """Return the projection; `counted` are the input tokens as the service has them, where it was asked."""
        limits, price = self.model.known_limits(request.model), self.model.price(request.model)
        known = state.workflow.calibration.get(request.model, Calibration())
        estimated = self.estimator.tokens(request)
        expected = counted if counted is not None else max(1, round(estimated * known.ratio))
        margin = known.margin if counted is None else _COUNTED
        most = ceil(expected * (1 + margin)) + _FEW
        return priced(
            Projection(
                estimated=estimated,
                input=expected,
                most_input=most,
                exact=counted is not None,
                cached=min(expected, _kept(state, request, now)),
                output=min(request.max_tokens, limits.max_output),
                window=limits.context_window,
            ),
            price,
        )


def priced(projection: Projection, price: Price | None) -> Projection:
    """Return the projection with its costs, for the output that it has."""
    if price is None:
        return projection.model_copy(update={"cost": None, "likely": None})
    into, out = prices(price)
    fresh = projection.input - projection.cached
    return projection.model_copy(
        update={
            "cost": (projection.most_input * into + projection.output * out) / _NANO / _MILLION,
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
