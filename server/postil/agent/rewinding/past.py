"""What a session can be taken back to, looked at only: by whoever is to decide, before anybody opens it, and by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from postil.agent.rewinding.doubts import Kept
from postil.agent.rewinding.lost import missing, over_a_cut
from postil.agent.rewinding.order import Doing
from postil.agent.rewinding.plan import Plan, plan_of
from postil.core.effects import Fact, FactName
from postil.core.errors import ProtocolError
from postil.core.ports import Workspace
from postil.core.state import State
from postil.core.submissions import Target
from postil.core.trail import Change, TurnMark

_WORDS: dict[Doing, FactName] = {
    "restore": "restores",
    "merge": "takes out of",
    "remove": "deletes",
    "bring_back": "brings back",
    "move_back": "moves back",
}


@dataclass(frozen=True, slots=True)
class Past:
    """The changes of a session, and what there is to take them back with."""

    state: State
    kept: Kept
    workspace: Workspace

    async def plan(self, target: Target) -> Plan:
        """Return what going back would do now. Raises ProtocolError where there is nothing of that name."""
        plan = await plan_of(self.changes(target), self.workspace, self.kept)
        if target.turn_id is None:
            return plan
        return over_a_cut(plan, self.state.workflow, self.mark(target.turn_id))

    def changes(self, target: Target) -> list[Change]:
        """Return the changes that going back would take back, in their order. Raises ProtocolError."""
        changes = self.state.workflow.changes
        if target.turn_id is not None:
            return changes.since(self.mark(target.turn_id).seq)
        found = [change for change in changes if change.change_id == target.change_id]
        if not found:
            raise ProtocolError("There is no such change in this session.")
        return found

    def mark(self, turn_id: str) -> TurnMark:
        """Return where a turn began. Raises ProtocolError."""
        for mark in self.state.workflow.marks:
            if mark.turn_id == turn_id:
                return mark
        raise ProtocolError("There is no such turn to go back to.")

    def commands_since(self, turn_id: str) -> list[str]:
        """Return the commands that were run in a turn and after it. Raises ProtocolError."""
        marks = self.state.workflow.marks
        since = marks[marks.index(self.mark(turn_id)) :]
        return [command for it in since for command in it.commands]

    def facts(self, plan: Plan, target: Target) -> list[Fact]:
        """Return what a person is told of a plan, one line each."""
        display = self.workspace.display
        facts = [Fact(name=_WORDS[it.doing], text=display(it.path)) for it in plan.items]
        facts += [Fact(name="stays", text=f"{display(Path(it.path))}. {it.why}") for it in plan.left]
        commands = self.commands_since(target.turn_id) if target.turn_id is not None else []
        none = "none that is on record has to change" if plan.incomplete else "none has to change"
        facts = facts or [Fact(name="files", text=none)]
        facts += [Fact(name="cannot undo", text=command) for command in commands]
        return [*facts, *missing(plan, self.state.workflow)]
