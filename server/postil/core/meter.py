"""What was used, what the next call needs and what the limits are, in words: the same in every face."""

from __future__ import annotations

import math
from dataclasses import dataclass

from postil.core.messages import Usage
from postil.core.spending import Balance, Projection
from postil.core.state import Workflow

OF = {"turn": "this turn's", "session": "this session's", "day": "today's"}
"""Whose a limit is."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What is known of a session's spending."""

    balances: tuple[Balance, ...]
    """Each limit with all that counts against it by now; of a turn only while it is in progress."""
    usage: Usage
    """All of the session's replies."""
    projection: Projection | None = None
    """Of the call in progress; None between calls."""
    filled: int = 0
    """Tokens that the newest request has, or had."""
    window: int = 0
    """Tokens that the model can read; 0 where that is not known."""
    unpriced: str = ""
    """The model of the newest call, where its price is not known: then limits on money say nothing of it."""

    @property
    def kept(self) -> float | None:
        """The part of the input that came from the service's cache; None before the first reply."""
        return self.usage.cache_read / self.usage.total_input if self.usage.total_input else None

    def next_call(self) -> str:
        """Return what the call in progress may use; nothing between calls."""
        it = self.projection
        if it is None:
            return ""
        if it.cost is None or it.likely is None:
            return f"next about {short(it.input)} tokens, at most {short(it.worst.tokens)}"
        return f"next about {dollars(it.likely)}, at most {dollars(it.cost)}"

    def used(self, *, named: bool = False) -> list[str]:
        """Return what is used of each limit that there is; `named` says whose it is."""
        found: list[str] = []
        for it in self.balances:
            whose = f"{OF.get(it.scope, it.scope)} " if named else ""
            if it.most.cost is not None:
                counts = " (not counted: no price)" if self.unpriced else ""
                found.append(f"{dollars(it.spent.cost)} of {whose}{dollars(it.most.cost)}{counts}")
            if it.most.tokens is not None:
                found.append(f"{short(it.spent.tokens)} of {whose}{short(it.most.tokens)} tokens")
        return found

    def warnings(self, at: float) -> dict[str, str]:
        """Return a sentence for each limit of which that part or more is used, and for what else a person should know, by what it is about."""
        found: dict[str, str] = {}
        for it in self.balances:
            whose, most = OF.get(it.scope, it.scope), it.most
            if most.cost is not None and it.spent.cost >= at * most.cost:
                used = f"{dollars(it.spent.cost)} of {whose} {dollars(most.cost)} is used."
                found[f"{it.scope} cost {most.cost}"] = used
            if most.tokens is not None and it.spent.tokens >= at * most.tokens:
                used = f"{short(it.spent.tokens)} of {whose} {short(most.tokens)} tokens are used."
                found[f"{it.scope} tokens {most.tokens}"] = used
        limits = [it.most for it in self.balances]
        held = any(it.tokens is not None for it in limits)
        if self.unpriced and not held and any(it.cost is not None for it in limits):
            found[f"price {self.unpriced}"] = (
                f"The price of {self.unpriced} is not known, so limits in dollars do not hold it back: set limits in tokens."
            )
        if self.window and self.filled >= at * self.window:
            used = f"The conversation fills {short(self.filled)} of the {short(self.window)} tokens that the model can read."
            found["window"] = used
        return found

    def cache(self) -> str:
        """Return the cache hit rate; nothing before the first reply."""
        return "" if self.kept is None else f"cache {self.kept * 100:.0f} %"


def meter(workflow: Workflow) -> Meter | None:
    """Return what is known; None before the first call of the model."""
    last = workflow.last_call
    if last is None:
        return None
    turns = {it.id for it in workflow.turns}
    balances = (
        it.model_copy(update={"spent": it.spent + last.spent})
        for it in last.event.balances
        if it.scope != "turn" or last.event.turn_id in turns
    )
    in_progress = last.open and last.event.turn_id in turns
    projection = last.event.projection
    return Meter(
        tuple(balances),
        workflow.usage,
        projection if in_progress else None,
        projection.input,
        projection.window,
        last.event.model if projection.cost is None else "",
    )


def short(tokens: int) -> str:
    """Return a number of tokens as people read it, as in `148k`."""
    if tokens < 1_000:
        return str(tokens)
    if tokens < 9_950:
        return f"{tokens / 1_000:.1f}k"
    return f"{tokens / 1_000:.0f}k" if tokens < 999_500 else f"{tokens / 1_000_000:.1f}M"


def dollars(cost: float, *, down: bool = False) -> str:
    """Return an amount as people read it: to the cent, finer where it is less than ten of them."""
    places = 2 if cost >= 0.1 or not cost else 4
    if down:
        cost = math.floor(cost * 10**places) / 10**places
    return f"${cost:.{places}f}"
