"""What may still be spent: accounts that draw from each other, so that nobody's sub-agent spends what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postil.core.events import Limits
from postil.core.spending import Allowance, Balance, Projection, Spent, nano, worst_cost
from postil.core.state import State, TurnState

UNLIMITED, NOTHING = Allowance(), Spent()


@dataclass(slots=True)
class Account:
    """One limit and what counts against it: a turn's, a session's, a sub-agent's.

    What is drawn from an account is drawn from every account above it, from all of them or from none. Nothing waits
    between looking and drawing, so children that work at the same time share what is left.
    """

    scope: str
    most: Allowance = UNLIMITED
    spent: Spent = NOTHING
    above: Account | None = None

    def child(self, scope: str, most: Allowance = UNLIMITED) -> Account:
        """Return an account for a part of the work, such as a sub-agent; its own limit may be smaller than what is left."""
        return Account(scope, most, above=self)

    def chain(self) -> Iterator[Account]:
        """Yield it and those above it, the narrowest first."""
        account: Account | None = self
        while account is not None:
            yield account
            account = account.above

    def draw(self, worst: Spent, *, priced: bool) -> Draw | None:
        """Set aside what a call may use in the worst case; None where some limit has less than that left."""
        if any(not fits(it.balance, worst, priced=priced) for it in self.chain()):
            return None
        for it in self.chain():
            it.spent += worst
        return Draw(self, worst)

    @property
    def balance(self) -> Balance:
        """Where it stands."""
        return Balance(scope=self.scope, spent=self.spent, most=self.most)


@dataclass(slots=True)
class Draw:
    """What was set aside from an account, and those above it, for one call."""

    account: Account
    amount: Spent

    def settle(self, used: Spent) -> None:
        """Put what was used in the place of what was set aside; settling again corrects that."""
        for it in self.account.chain():
            it.spent += used - self.amount
        self.amount = used


def fits(balance: Balance, worst: Spent, *, priced: bool) -> bool:
    """Whether the limit has room; without a price nothing is known of money, and only tokens count."""
    left_tokens, left_nano = left(balance)
    return (left_tokens is None or worst.tokens <= left_tokens) and (
        not priced or left_nano is None or worst.nano <= left_nano
    )


def left(balance: Balance) -> tuple[int | None, int | None]:
    """Return the tokens and the billionths of a dollar that are left; None is without limit."""
    most, spent = balance.most, balance.spent
    return (
        most.tokens - spent.tokens if most.tokens is not None else None,
        nano(most.cost) - spent.nano if most.cost is not None else None,
    )


def room(balance: Balance, projection: Projection, prices: tuple[float, float] | None) -> int:
    """Return how much output the limit leaves, in tokens; below 0 where even the input does not fit.

    `prices` are those of input at its dearest and of output, in billionths of a dollar a token.
    """
    left_tokens, left_nano = left(balance)
    found = projection.output if left_tokens is None else left_tokens - projection.most_input
    if left_nano is not None and prices is not None:
        found = min(found, _paid_for(left_nano, projection, prices))
    return min(found, projection.output)


def _paid_for(left_nano: int, projection: Projection, prices: tuple[float, float]) -> int:
    """Return the most output that can be paid for, by the very sum that is set aside for it."""
    into, out = prices
    rest = left_nano - projection.most_input * into
    found = projection.output if out <= 0 else int(max(-1, min(rest // out + 1, projection.output)))
    while found >= 0 and nano(worst_cost(projection.most_input, found, prices)) > left_nano:
        found -= 1 if out > 0 else found + 1
    return found


def lower(one: Allowance, other: Allowance) -> Allowance:
    """Return the smaller of both, limit by limit."""
    return Allowance(
        tokens=min((it for it in (one.tokens, other.tokens) if it is not None), default=None),
        cost=min((it for it in (one.cost, other.cost) if it is not None), default=None),
    )


def of_turn(state: State, turn: TurnState) -> Account:
    """Return the account of a turn, below that of its session, as the state has them."""
    workflow = state.workflow
    session = Account("session", limit_of(state, "session"), workflow.spent)
    raised = turn.raised
    most = _raised(_set(state).turn, raised)
    return Account("turn", most, turn.spent, session)


def limit_of(state: State, scope: str, day: str = "") -> Allowance:
    """Return the limit that is in force for the session or the day, with what a person raised it to."""
    limits = _set(state)
    own = limits.session if scope == "session" else limits.day
    return _raised(own, state.workflow.raised.get(f"{scope} {day}".rstrip()))


def _set(state: State) -> Limits:
    configuration = state.workflow.configuration
    return configuration.limits if configuration is not None else Limits()


def _raised(own: Allowance, raised: Allowance | None) -> Allowance:
    """A limit that there is not, or is not any more, needs no raising."""
    if raised is None:
        return own
    larger = own.raised(raised)
    return Allowance(
        tokens=None if own.tokens is None else larger.tokens, cost=None if own.cost is None else larger.cost
    )
