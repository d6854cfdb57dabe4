"""How a search for tools changes the state: what it found is there from then on, until a rewind goes back to before it."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.found import LateTool, in_force
from postil.core.state import State


def matched(state: State, event: ev.ToolsMatched, record: ev.Recorded) -> None:
    """Keep the tools that were found, and that the call's result will refer to them."""
    workflow, message = state.workflow, len(state.conversation.messages) - 1
    call = workflow.calls.get(event.call_id)
    if call is None or call.turn_id != event.turn_id or call.status == "finished":
        return
    call.references = tuple(it.name for it in event.tools)
    shown = [it.tool for it in in_force(workflow.found) if it.message >= state.conversation.start]
    new = [LateTool(tool=it, seq=record.seq, message=message) for it in event.tools if it not in shown]
    if new:
        workflow.found = (*workflow.found, *new)


def cut_found(state: State, seq: int) -> None:
    """Go back to before an event: what was found since is not."""
    state.workflow.found = tuple(it for it in state.workflow.found if it.seq < seq)
