"""What we know about models without asking: limits, prices, and how each wants to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postil.core.messages import Usage
from postil.core.ports import ModelLimits, Price

DEFAULT_MODEL = "claude-sonnet-5-5"
AS_OF = "2026-11"
"""When prices and limits were last compared with the published ones."""

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Traits:
    """How a model wants to be asked."""

    thinking: Literal["adaptive", "none"] = "adaptive"
    """`adaptive` is sent with a display that returns text; at the default some models think in silence."""
    adaptive_only: bool = False
    """Thinking can be neither disabled nor budgeted, and no tool can be forced."""
    references: bool = True
    """Tools may come later, by a reference in a result; where not, they are described there and used through `use_tool`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table; a price of None is unknown."""

    limits: ModelLimits
    price: Price | None
    traits: Traits


def _price(into: float, out: float, read: float = 0.1) -> Price:
    return Price(into, out, round(into * read, 6), round(into * 1.25, 6))


_LARGE = ModelLimits(context_window=_MILLION, max_output=128_000)
_SMALL = ModelLimits(context_window=200_000, max_output=64_000)
_ADAPTIVE = Traits()
_ALWAYS = Traits(adaptive_only=True)
_PLAIN = Traits(thinking="none")
_PLAINEST = Traits(thinking="none", references=False)

# Longest name first where one begins another: a dated name is found by its beginning.
_TABLE: tuple[tuple[str, Entry], ...] = (
    ("claude-fable-5-1", Entry(_LARGE, _price(10, 50), _ALWAYS)),
    ("claude-fable-5-2", Entry(_LARGE, None, _ALWAYS)),
    ("claude-opus-5-5", Entry(_LARGE, _price(4, 20, 0.05), _ALWAYS)),
    ("claude-opus-5", Entry(_LARGE, _price(5, 25), _ADAPTIVE)),
    ("claude-sonnet-5-5", Entry(_LARGE, _price(2, 10), _ADAPTIVE)),
    ("claude-haiku-5-5", Entry(_LARGE, None, _ADAPTIVE)),  # only a "from" price is published
    ("claude-haiku-4-5", Entry(_SMALL, _price(1, 5), _PLAINEST)),
    ("claude-sonnet-4-5", Entry(_SMALL, None, _PLAIN)),
    ("claude-opus-4-5", Entry(_SMALL, None, _PLAIN)),
    ("claude-", Entry(_SMALL, None, _ADAPTIVE)),
)
_UNKNOWN = Entry(ModelLimits(context_window=32_000, max_output=8_192), None, _PLAINEST)


def known(model: str) -> Entry | None:
    """Return the model's row of the table, or None where it has none."""
    return next((row for name, row in _TABLE if model.startswith(name)), None)


def names() -> tuple[str, ...]:
    """Return the models of the table that can be named."""
    return tuple(name for name, _ in _TABLE if not name.endswith("-"))


def entry(model: str) -> Entry:
    """Return what we know about a model; about an unknown one, careful guesses and no price."""
    return known(model) or _UNKNOWN


def traits(model: str) -> Traits:
    """Return how the model wants to be asked."""
    return entry(model).traits


def cost(model: str, usage: Usage) -> float | None:
    """Return the price of a call in US dollars, or None where the model's price is unknown."""
    price = entry(model).price
    return price.of(usage, usage.output) if price is not None else None
