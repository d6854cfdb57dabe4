"""How sub-agents begin and end in the state of the session that they work for."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.delegation import Subagent
from postil.core.fold.spending import added
from postil.core.fold.verifying import note_command
from postil.core.state import State, Workflow


def started(state: State, event: ev.SubagentStarted, _: ev.Recorded) -> None:
    """Keep that a sub-agent works for a call."""
    state.workflow.subagents = (*state.workflow.subagents, Subagent(started=event))


def finished(state: State, event: ev.SubagentFinished, record: ev.Recorded) -> None:
    """Keep how it ended, and count what it spent and what it ran, once."""
    workflow = state.workflow
    known = next((it for it in workflow.subagents if it.started.session_id == event.session_id), None)
    if known is None or known.finished is not None:
        return
    ended = known.model_copy(update={"finished": event})
    workflow.subagents = tuple(ended if it is known else it for it in workflow.subagents)
    workflow.spent += event.spent
    workflow.usage += event.usage
    workflow.cost = added(workflow.cost, event.cost)
    note_ran(workflow, event.commands)
    if event.commanded:
        note_command(state, event.turn_id, record)
    turn = workflow.turn_of(event.turn_id)
    if turn is not None:
        turn.spent += event.spent
        turn.usage += event.usage
        turn.cost = added(turn.cost, event.cost)


def note_ran(workflow: Workflow, commands: tuple[str, ...]) -> None:
    """Keep with the last turn what ran in it: nothing takes that back."""
    if commands and workflow.marks:
        mark = workflow.marks[-1]
        workflow.marks.replace_last(mark.model_copy(update={"commands": (*mark.commands, *commands)}))
