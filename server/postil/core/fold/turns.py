"""How a session and its turns begin and end in the state."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.hooks import forget_turn, forget_unbound
from postil.core.fold.jobs import leave_jobs
from postil.core.fold.sources import note_read
from postil.core.fold.verifying import wants_checks
from postil.core.fold.waiting import take_prompt, waits_no_longer
from postil.core.lost import NOTE
from postil.core.messages import UserMessage
from postil.core.origin import Source
from postil.core.state import State, TurnState
from postil.core.titles import title
from postil.core.trail import TurnMark


def session_created(state: State, event: ev.SessionCreated, record: ev.Recorded) -> None:
    """Keep which session it is."""
    state.workflow.session_id = event.session_id
    state.workflow.roots = event.roots
    state.workflow.created_at = record.at
    if event.parent is not None:
        state.workflow.parent = event.parent
        note_read(state, event.parent.read, record)


def configured(state: State, event: ev.ConfigurationInForce, record: ev.Recorded) -> None:
    """Keep what is in force from here on."""
    workflow = state.workflow
    workflow.configuration = event
    if event.trusted:
        workflow.restricted_since = None
    elif workflow.restricted_since is None:
        workflow.restricted_since = record.seq


def begun_as(state: State, event: ev.AgentTypeInForce, _: ev.Recorded) -> None:
    """Keep what the session was begun as."""
    state.workflow.agent = event


def remembered(state: State, event: ev.MemoryInForce, record: ev.Recorded) -> None:
    """Keep what the session has from its start."""
    state.workflow.memory = event
    if event.notes or any(not it.own for it in event.files):
        root = next(iter(state.workflow.roots), "")
        note_read(state, [Source(origin="workspace", name=root)], record)


def prompted(state: State, event: ev.PromptReceived, record: ev.Recorded) -> None:
    """Let a turn wait for its start."""
    workflow = state.workflow
    waits_no_longer(workflow, event.turn_id)
    workflow.turns.append(TurnState(id=event.turn_id, prompt=event, started_at=record.at))
    workflow.turn_count += 1
    if not workflow.title:
        workflow.title = _title(event)


def routed(state: State, event: ev.Routed, record: ev.Recorded) -> None:
    """Start a turn: its prompt is the next message."""
    turn = state.workflow.turn_of(event.turn_id)
    if turn is None:
        return
    turn.routed = True
    turn.started_at = record.at
    state.workflow.calls.clear()
    state.workflow.marks.append(
        TurnMark(
            turn_id=turn.id,
            title=_title(turn.prompt),
            seq=record.seq,
            messages=len(state.conversation.messages),
            todo=state.workflow.todo,
        )
    )
    if turn.prompt.checks:
        wants_checks(state, turn)
        return
    take_prompt(state, turn.id, turn.prompt, turn.remarks, record)


def todo(state: State, event: ev.TodoUpdated, _: ev.Recorded) -> None:
    """Keep the list of what is to be done."""
    state.workflow.todo = event.items


def turn_ended(state: State, event: ev.TurnEnded, _: ev.Recorded) -> None:
    """Take the turn away, with the questions that nobody answered."""
    workflow = state.workflow
    workflow.turns = [turn for turn in workflow.turns if turn.id != event.turn_id]
    workflow.last_end = event
    forget_turn(workflow, event.turn_id)
    gone = [key for key, open_ in workflow.questions.items() if open_.turn_id == event.turn_id]
    for key in gone:
        del workflow.questions[key]


def renamed(state: State, event: ev.SessionRenamed, _: ev.Recorded) -> None:
    """Call the session what a person calls it."""
    state.workflow.title = event.title


def resumed(state: State, _event: ev.SessionResumed, _: ev.Recorded) -> None:
    """Note that the session goes on."""
    state.workflow.closed = False
    leave_jobs(state)
    forget_unbound(state.workflow)


def closed(state: State, _event: ev.SessionClosed, _: ev.Recorded) -> None:
    """Note that the session was closed on purpose."""
    state.workflow.closed = True


def repaired(state: State, event: ev.JournalRepaired, record: ev.Recorded) -> None:
    """Believe of nothing that was open that it still is, where what came after it is lost."""
    if event.lost is None:
        return
    workflow = state.workflow
    workflow.lost = event.lost if workflow.lost is None else workflow.lost.and_also(event.lost)
    workflow.lost_at = record.seq
    workflow.questions = {}
    # One that was taken back later is not known to have been.
    workflow.grants = [it for it in workflow.grants if it.scope != "session"]
    for call in workflow.open_calls:
        call.lost = True
    if not workflow.open_calls:
        state.conversation.messages.append(UserMessage(text=NOTE, note=True))


def _title(prompt: ev.PromptReceived) -> str:
    return title(prompt.text, next((it.text for it in prompt.context if it.kind == "diagnostic"), ""))
