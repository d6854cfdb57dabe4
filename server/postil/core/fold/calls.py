"""How the model's replies, and the calls in them, change the state up to their results."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.doubts import doubtful
from postil.core.fold.hooks import forget_calls
from postil.core.fold.seen import note_change, note_part
from postil.core.fold.shown import note_shown
from postil.core.fold.sources import note_read
from postil.core.fold.spending import added, count_failure, count_reply
from postil.core.fold.verifying import note_edit, note_end, note_start
from postil.core.messages import ToolCall, ToolMessage, ToolResult
from postil.core.state import CallState, State
from postil.core.trail import Change

_of_change = tuple(name for name in Change.model_fields if name != "seq")
_OfCall = ev.PermissionAsked | ev.PermissionDecided | ev.CallStarted | ev.CallFinished


def replied(state: State, event: ev.ModelReplied, record: ev.Recorded) -> None:
    """Add a reply to the conversation, and its calls to the step."""
    turn, workflow = state.workflow.turn_of(event.turn_id), state.workflow
    if turn is None:
        return
    count_reply(state, event, record)
    turn.steps = event.step
    turn.last_stop = event.stop_reason
    turn.failure = None
    turn.usage += event.usage
    turn.cost = added(turn.cost, event.cost)
    workflow.usage += event.usage
    workflow.cost = added(workflow.cost, event.cost)
    calls = event.message.written
    workflow.calls = {call.id: _begun(call, event) for call in calls}
    workflow.call_count += len(calls)
    forget_calls(workflow, event.turn_id)
    workflow.seen.update(workflow.showing)
    workflow.showing.clear()
    state.conversation.messages.append(event.message)
    if calls:
        state.conversation.messages.append(ToolMessage(call_ids=tuple(call.id for call in calls)))


def _begun(written: ToolCall, event: ev.ModelReplied) -> CallState:
    """Return a call as it is from here on, whatever the model called for it; the conversation keeps what it wrote."""
    meant = written.meant
    through = "" if meant is written else written.name
    return CallState(call=meant, through=through, turn_id=event.turn_id, step=event.step)


def model_failed(state: State, event: ev.ModelFailed, _: ev.Recorded) -> None:
    """Keep why the model did not reply."""
    count_failure(state, event)
    turn = state.workflow.turn_of(event.turn_id)
    if turn is not None:
        turn.failure = event


def started(state: State, event: ev.CallStarted, record: ev.Recorded) -> None:
    """Keep what a call is about to do."""
    call = open_call(state, event)
    if call is None:
        return
    call.status = "started"
    call.intent = event
    note_start(state, call, record)
    if event.command is not None and state.workflow.marks:
        mark = state.workflow.marks[-1]
        commands = (*mark.commands, event.command)
        state.workflow.marks.replace_last(mark.model_copy(update={"commands": commands}))


def process_started(state: State, event: ev.ProcessStarted, _: ev.Recorded) -> None:
    """Keep which process a call has started."""
    call = state.workflow.calls.get(event.call_id)
    if call is not None:
        call.pid, call.pid_started = event.pid, event.started


def file_changed(state: State, event: ev.FileChanged, record: ev.Recorded) -> None:
    """Keep a change to a file."""
    fields = {name: getattr(event, name) for name in _of_change}
    state.workflow.changes.append(Change(seq=record.seq, **fields))
    note_edit(state, event.turn_id, record)
    for seen in (state.workflow.seen, state.workflow.showing):
        note_change(seen, event)


def finished(state: State, event: ev.CallFinished, record: ev.Recorded) -> None:
    """Add a call's result to the conversation."""
    call = open_call(state, event)
    if call is None:
        return
    call.status = "finished"
    call.outcome = event.outcome
    workflow = state.workflow
    if event.outcome == "unknown" and call.intent is not None:
        for change in doubtful(workflow.changes, call.intent, record):
            workflow.changes.append(change)
            note_edit(state, event.turn_id, record)
    note_end(state, call, event, record)
    workflow.questions = {key: it for key, it in workflow.questions.items() if it.call_id != event.call_id}
    messages = state.conversation.messages
    for part in event.seen:
        note_part(workflow.showing, workflow.seen, part)
        note_shown(workflow, part, len(messages) - 1, event.call_id)
    last = messages[-1]
    if isinstance(last, ToolMessage) and event.call_id in last.call_ids:
        failed = event.outcome != "completed"
        last.results[event.call_id] = ToolResult(
            call_id=event.call_id, content=event.content, is_error=failed, sources=event.sources,
            references=() if failed else call.references,
            remarks=call.remarks,
        )  # fmt: skip
    note_read(state, event.sources, record)


def open_call(state: State, event: _OfCall) -> CallState | None:
    """Return the unfinished call that the event is of; ids are the model's own, so the turn has to fit too."""
    call = state.workflow.calls.get(event.call_id)
    if call is None or call.turn_id != event.turn_id or call.status == "finished":
        return None
    return call
