"""The question at a limit: what the next call needs, what is left, and what a person can do; the same words in every face."""

from __future__ import annotations

import math
from collections.abc import Sequence

from postil.core.meter import OF, dollars
from postil.core.meter import short as short_form
from postil.core.question import Anchor, Option, Question
from postil.core.spending import (
    BILLION,
    COMPACT,
    END,
    RAISE,
    Allowance,
    Balance,
    Projection,
    Raise,
    Scope,
    nano,
)

TITLE = "Halted before the next call"
RAISE_TITLE = "Raise the limit and continue"
COMPACT_TITLE = "Compact first"
END_TITLE = "End turn"
KEPT = "Nothing is lost; the turn goes on from here."
_SCOPES: dict[str, Scope] = {"turn": "turn", "session": "session", "day": "day"}


def question(
    question_id: str,
    short: Sequence[Balance],
    projection: Projection,
    fixed: Sequence[str],
    day: str,
    anchor: Anchor | None,
    frees: int = 0,
) -> Question:
    """Return the question about the limits that the call does not fit. `frees` is how many tokens less the next requests would have
    if the conversation were compacted; 0 where that is not offered.

    A limit that the machine's file sets, or that is not a person's to raise, leaves ending the turn as the one answer.
    """
    raised = [_raised(it, projection, day) for it in short]
    options = [Option(id=END, title=END_TITLE, kind="choice")]
    if frees:
        note = f"frees about {short_form(frees)} tokens; the summary itself fits the limit"
        options.insert(0, Option(id=COMPACT, title=COMPACT_TITLE, kind="choice", note=note))
    if all(it is not None and not _is_fixed(it, fixed) for it in raised):
        note = ", ".join(f"{_of(it.scope)} to {_amount(it.to)}" for it in raised if it is not None)
        options.insert(0, Option(id=RAISE, title=RAISE_TITLE, kind="choice", note=note))
    return Question(
        id=question_id,
        kind="halt",
        title=title(short, projection),
        subject=words(short, projection),
        options=tuple(options),
        about=tuple(it.text for it in raised if it is not None),
        anchor=anchor,
    )


def title(short: Sequence[Balance], projection: Projection) -> str:
    """Return that it halted, and how much of what does not suffice is spent."""
    spent: list[str] = []
    for it in short:
        tokens, cost = _lacks(it, projection)
        if cost and it.most.cost is not None:
            spent.append(f"{dollars(it.spent.cost)} of {_of(it.scope)} {dollars(it.most.cost)}")
        if tokens and it.most.tokens is not None:
            spent.append(f"{it.spent.tokens:,} of {_of(it.scope)} {it.most.tokens:,} tokens")
    return f"{TITLE}, at {' and '.join(spent)}" if spent else TITLE


def words(short: Sequence[Balance], projection: Projection) -> str:
    """Return what is needed and what is left."""
    needs = [f"{projection.worst.tokens:,} tokens"] if any(it.most.tokens is not None for it in short) else []
    if projection.cost is not None and any(it.most.cost is not None for it in short):
        needs.append(dollars(projection.cost))
    how = "needs about" if projection.exact else "may need up to"
    return f"It {how} {' and '.join(needs)}. {' '.join(_left(it, projection) for it in short)} {KEPT}"


def _left(balance: Balance, projection: Projection) -> str:
    most, spent = balance.most, balance.spent
    left: list[str] = []
    tokens, cost = _lacks(balance, projection)
    if tokens and most.tokens is not None:
        left.append(f"{max(0, most.tokens - spent.tokens):,} of {_of(balance.scope)} {most.tokens:,} tokens")
    if cost and most.cost is not None:
        rest = max(0.0, most.cost - spent.cost)
        left.append(f"{dollars(rest, down=True)} of {_of(balance.scope)} {dollars(most.cost)}")
    one = len(left) == 1 and "$" in left[0]
    return f"{' and '.join(left)} {'is' if one else 'are'} left."


def _lacks(balance: Balance, projection: Projection) -> tuple[bool, bool]:
    """Whether the call needs more tokens than are left, and whether more money."""
    most, spent = balance.most, balance.spent
    tokens = most.tokens is not None and projection.worst.tokens > most.tokens - spent.tokens
    cost = (
        most.cost is not None
        and projection.cost is not None
        and projection.worst.nano > nano(most.cost) - spent.nano
    )
    return tokens, cost


def _raised(balance: Balance, projection: Projection, day: str) -> Raise | None:
    """Return the limit that lets the call pass: twice the old, or more where that is not enough."""
    scope = _SCOPES.get(balance.scope)
    if scope is None:
        return None
    most, needed = balance.most, balance.spent + projection.worst
    tokens = cost = None
    if most.tokens is not None and needed.tokens > most.tokens:
        tokens = max(2 * most.tokens, _rounded(needed.tokens))
    if most.cost is not None and projection.cost is not None and needed.nano > nano(most.cost):
        cost = max(2 * most.cost, _rounded(needed.nano) / BILLION)
    return Raise(scope=scope, to=Allowance(tokens=tokens, cost=cost), day=day if scope == "day" else "")


def _rounded(number: int) -> int:
    """Round up to two figures, so that a limit can be read."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return math.ceil(number / unit) * unit


def _is_fixed(it: Raise, fixed: Sequence[str]) -> bool:
    named = [name for name, value in (("tokens", it.to.tokens), ("cost", it.to.cost)) if value is not None]
    return any(f"{it.scope}.{name}" in fixed for name in named)


def _of(scope: str) -> str:
    return OF.get(scope, f"{scope}'s")


def _amount(to: Allowance) -> str:
    parts = [f"{to.tokens:,} tokens"] if to.tokens is not None else []
    return " and ".join([*parts, *([dollars(to.cost)] if to.cost is not None else [])])
