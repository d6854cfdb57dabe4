"""How checks and their evidence change the state, and what makes evidence old."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.sources import note_read
from postil.core.messages import ToolCall, UserMessage
from postil.core.state import CallState, State, TurnState
from postil.core.verification import SAME_FILES, Evidence


def wants_checks(state: State, turn: TurnState) -> None:
    """Let a turn begin where others end: all that the session has edited is checked, and nothing else is done."""
    workflow = state.workflow
    turn.last_stop = "end_turn"
    turn.edited = workflow.changes[-1].seq if workflow.changes else 0
    turn.commanded = workflow.verifying.commanded
    workflow.verifying.declined = ()  # Who denied a check before has asked for it now.


def checks_started(state: State, event: ev.ChecksStarted, _: ev.Recorded) -> None:
    """Open a call for each check. The step before has none left open."""
    turn, workflow = state.workflow.turn_of(event.turn_id), state.workflow
    if turn is None:
        return
    turn.rounds = event.round
    turn.tried = (*turn.tried, *(it.name for it in event.checks))
    workflow.calls = {
        it.call_id: CallState(
            call=ToolCall(id=it.call_id, name="shell", input={"command": it.command, "timeout": it.timeout}),
            turn_id=turn.id,
            step=turn.steps,
            check=it.name,
            held=event.held,
        )
        for it in event.checks
    }
    workflow.call_count += len(event.checks)


def evidence_recorded(state: State, event: ev.EvidenceRecorded, record: ev.Recorded) -> None:
    """Keep what a check told, in the place of what it told before."""
    verifying = state.workflow.verifying
    if event.changed:
        _touch(
            state, record.seq - 1, None
        )  # All evidence before it is old, and it is none, but it is the newest.
    else:
        _untouch(state, event.call_id)
    others = (it for it in verifying.evidence if it.event.check != event.check)
    verifying.evidence = (*others, Evidence(event=event, seq=record.seq, at=record.at))


def checks_failed(state: State, event: ev.ChecksFailed, record: ev.Recorded) -> None:
    """Let the model speak again, to what failed."""
    turn = state.workflow.turn_of(event.turn_id)
    if turn is None:
        return
    turn.told, turn.told_times, turn.tried = record.seq, turn.told_times + 1, ()
    turn.last_stop = None
    state.workflow.calls = {}
    state.conversation.messages.append(UserMessage(text=event.text, note=True))
    note_read(state, event.sources, record)


def ended(state: State, event: ev.VerificationEnded, _: ev.Recorded) -> None:
    """Note that it is said whether the turn's edits are verified."""
    turn = state.workflow.turn_of(event.turn_id)
    if turn is not None:
        turn.judged = True


def note_edit(state: State, turn_id: str | None, record: ev.Recorded) -> None:
    """Make all evidence old: a file was changed, or may have been."""
    _touch(state, record.seq, None)
    turn = state.workflow.turn_of(turn_id)
    if turn is not None:
        turn.edited, turn.tried, turn.judged = record.seq, (), False
    _unsay(state)


def note_command(state: State, turn_id: str | None, record: ev.Recorded) -> None:
    """Make all evidence old: a command may have changed files, and nobody knows which."""
    _touch(state, record.seq, None)
    verifying = state.workflow.verifying
    verifying.commanded = record.seq
    turn = state.workflow.turn_of(turn_id)
    if turn is not None:
        turn.commanded, turn.tried, turn.judged = record.seq, (), False
    _unsay(state)


def note_start(state: State, call: CallState, record: ev.Recorded) -> None:
    """Make evidence old where the call may change files: what it did is known when it ends."""
    if call.intent is not None and call.intent.effect_class in ("shell", "other"):
        _touch(state, record.seq, call.call.id)


def note_end(state: State, call: CallState, event: ev.CallFinished, record: ev.Recorded) -> None:
    """Believe evidence again after a command that could change nothing; keep which checks a person does not want."""
    verifying = state.workflow.verifying
    if event.details.get("only_reads") is True:
        _untouch(state, event.call_id)
    elif _commanded(call, event):
        note_command(state, event.turn_id, record)
    if call.check and event.outcome == "denied" and call.by == "person":
        command = str(call.call.input.get("command", ""))
        verifying.declined = tuple(dict.fromkeys((*verifying.declined, command)))


def _commanded(call: CallState, event: ev.CallFinished) -> bool:
    """Whether a call was a command, and nobody saw that it left the project's files as they were. What a check changed is evidence of its own."""
    ran = call.intent is not None and call.intent.effect_class == "shell" and event.outcome != "not_run"
    return ran and not call.check and event.details.get(SAME_FILES) is not True


def _unsay(state: State) -> None:
    workflow = state.workflow
    if any(it.evidence for it in workflow.todo):
        workflow.todo = tuple(it.model_copy(update={"evidence": ""}) for it in workflow.todo)


def _touch(state: State, seq: int, call_id: str | None) -> None:
    verifying = state.workflow.verifying
    verifying.doubted = (call_id, verifying.touched) if call_id is not None else None
    verifying.touched = seq


def _untouch(state: State, call_id: str | None) -> None:
    verifying = state.workflow.verifying
    if verifying.doubted is not None and verifying.doubted[0] == call_id:
        verifying.touched, verifying.doubted = verifying.doubted[1], None
