"""Going back over a cut: changes that came after it are not on record, and their files stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from postil.agent.rewinding.plan import Plan
from postil.core.changes import LeftAlone
from postil.core.effects import Fact
from postil.core.state import Workflow
from postil.core.trail import TurnMark

STAYS = "What was changed after the record of this session was cut is not on record: it stays as it is."
_WHY = "It was changed after the record of this session was cut, so its earlier text is not on record."
_ALL = "whatever was changed or run after the record of this session was cut"


def over_a_cut(plan: Plan, workflow: Workflow, mark: TurnMark) -> Plan:
    """Return the plan for going back to before a turn, with what is missing of it where the record was cut since."""
    if workflow.lost is None or mark.seq >= workflow.lost_at:
        return plan
    known = {str(path) for it in plan.items for path in (it.path, it.source)} | {it.path for it in plan.left}
    more = (LeftAlone(path=path, why=_WHY) for path in workflow.lost.paths if path not in known)
    return replace(plan, left=(*plan.left, *more), incomplete=True)


def missing(plan: Plan, workflow: Workflow) -> Iterator[Fact]:
    """Yield what a person is told that no plan can hold."""
    if plan.incomplete and workflow.lost is not None:
        yield Fact(name="cannot undo", text=_ALL)
        for command in workflow.lost.commands:
            yield Fact(name="cannot undo", text=command)
