"""What settings and flags say of every session that begins: limits, mode, model and rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from postil.config.options import Options
from postil.core.events import ConfigurationInForce, Limits
from postil.core.spending import Allowance
from postil.permissions.modes import mode
from postil.permissions.rule import parse


def configured(options: Options, allow: Sequence[str], fixed: Collection[str]) -> ConfigurationInForce:
    """Return what a session begins with, trust and its agent type aside: without that it has no tools.

    `allow` are rules given for the sessions of this run, `fixed` the options of `[limits]` that nobody may raise.
    """
    return ConfigurationInForce(
        agent_type="",
        mode=mode(options.mode).name,
        model=options.model,
        tools=(),
        limits=_limits(options, fixed),
        rules=tuple(parse(rule, "allow", "session").text for rule in allow),
        cause="session start",
    )


def _limits(options: Options, fixed: Collection[str]) -> Limits:
    """Return the limits of a session; `fixed` are the options of `[limits]` that nobody may raise."""
    given = options.limits
    names = {"turn": "turn.cost", "session": "session.cost", "day": "day.cost"}
    names |= {f"{scope}_tokens": f"{scope}.tokens" for scope in ("turn", "session", "day")}

    def most(cost: float | str, tokens: int | str) -> Allowance:
        return Allowance(
            tokens=tokens if isinstance(tokens, int) else None, cost=cost if isinstance(cost, float) else None
        )

    return Limits(
        steps=options.max_steps,
        seconds=options.max_seconds,
        turn=most(given.turn, given.turn_tokens),
        session=most(given.session, given.session_tokens),
        day=most(given.day, given.day_tokens),
        fixed=tuple(sorted(names[it] for it in fixed if it in names)),
    )
