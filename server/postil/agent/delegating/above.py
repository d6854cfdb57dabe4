"""What a sub-agent has of the session that it works for, as that stands now: limits, modes, grants, and who waits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from postil.agent.budgets.accounts import UNLIMITED, Account, lower
from postil.agent.delegating.lane import Lane
from postil.core.events import Limits
from postil.core.skills import ActiveSkill, leaving_out
from postil.core.state import State, TurnState, Workflow

ACCOUNT = "sub-agent"
"""What the account of a sub-agent is called."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a turn has to hand down."""

    account: Account
    in_force: Callable[[], Account]
    """The same accounts with the limits that are in force by now."""
    seconds_left: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Above:
    """The session above, to a sub-agent of it."""

    session_id: str
    state: State
    depth: int
    """Of the sub-agent, from 1."""
    means: Means
    lane: Lane
    waiting: Callable[[str], AbstractContextManager[object]]
    """Says above that somebody waits for a person: no limit on time counts that."""
    above: Above | None = None

    def account(self, own: TurnState, limits: Limits) -> Account:
        """Return the account of the sub-agent's turn: what it draws is drawn from every account above."""
        account = self.means.account.child(ACCOUNT, lower(limits.turn, limits.session))
        account.spent = own.spent
        return account

    def narrowed(self, workflow: Workflow) -> Workflow:
        """Return the sub-agent's workflow as its permissions are read from: what was forbidden or taken back above since is so here."""
        now = workflow.configuration
        if now is None or workflow.parent is None:
            return workflow
        above = self._above
        handed = tuple(dict.fromkeys((*now.handed, *_modes(above))))
        there = {it.id for it in above.grants}
        lost = set(workflow.parent.grants) - there
        return workflow.model_copy(
            update={
                "configuration": now.model_copy(update={"handed": handed}),
                "grants": [it for it in workflow.grants if it.id not in lost],
            }
        )

    @property
    def skills(self) -> tuple[ActiveSkill, ...]:
        """The skills that leave something out in the turns that the sub-agent works for: they do so for what it calls as well."""
        workflow = self.state.workflow
        there = leaving_out(workflow.active.values(), workflow.turn.id) if workflow.turn is not None else ()
        return (*(self.above.skills if self.above is not None else ()), *there)

    @property
    def _above(self) -> Workflow:
        workflow = self.state.workflow
        return self.above.narrowed(workflow) if self.above is not None else workflow


def _modes(workflow: Workflow) -> tuple[str, ...]:
    """Return every mode that is in force in a session."""
    now = workflow.configuration
    return tuple(it for it in (now.mode, now.held, *now.handed) if it) if now is not None else ("deny-all",)


def modes_of(workflow: Workflow) -> tuple[str, ...]:
    """Return the modes that a session hands down, each once."""
    return tuple(dict.fromkeys(_modes(workflow)))


def unlimited(limits: Limits) -> Limits:
    """Return the limits without those that the accounts above hold already."""
    return limits.model_copy(update={"turn": UNLIMITED, "session": UNLIMITED})
