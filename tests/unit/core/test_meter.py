"""What is used, in words, and from when on it is a warning."""

from __future__ import annotations

from postil.core.messages import Usage
from postil.core.meter import Meter
from postil.core.spending import BILLION, Allowance, Balance, Spent


def test_what_is_nearly_used_up_is_told_once_for_each_limit() -> None:
    balances = (
        Balance(scope="session", spent=Spent(tokens=9_000, nano=1_620_000_000), most=Allowance(cost=2.0, tokens=12_000)),
        Balance(scope="day", spent=Spent(nano=2 * BILLION), most=Allowance(cost=10.0)),
        Balance(scope="turn"),
    )  # fmt: skip
    found = Meter(balances, Usage(), filled=170_000, window=200_000)
    assert list(found.warnings(0.8).values()) == [
        "$1.62 of this session's $2.00 is used.",
        "The conversation fills 170k of the 200k tokens that the model can read.",
    ]
    assert list(found.warnings(0.75)) == ["session cost 2.0", "session tokens 12000", "window"]
    assert not found.warnings(0.95)


def test_a_limit_on_money_that_does_not_hold_is_no_limit_in_silence() -> None:
    day = Balance(scope="day", most=Allowance(cost=10.0))
    found = Meter((day,), Usage(), unpriced="new-model")
    assert found.used() == ["$0.00 of $10.00 (not counted: no price)"]
    (words,) = found.warnings(0.8).values()
    assert words == (
        "The price of new-model is not known, so limits in dollars do not hold it back: set limits in tokens."
    )
    in_tokens = Balance(scope="session", most=Allowance(tokens=10_000))
    assert not Meter((day, in_tokens), Usage(), unpriced="new-model").warnings(0.8)
