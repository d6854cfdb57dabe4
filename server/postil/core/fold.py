"""How each event changes the state: one handler for each, and nothing else ever changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from postil.core import events as ev
from postil.core import fold_shown, fold_spending
from postil.core.event import Event
from postil.core.fold_doubts import doubtful
from postil.core.fold_seen import note_change, note_part
from postil.core.lost import NOTE
from postil.core.messages import ToolMessage, ToolResult, UserMessage
from postil.core.origin import Source
from postil.core.prompted import prompt_text
from postil.core.question import Question
from postil.core.state import (
    CallState,
    Change,
    Grant,
    OpenQuestion,
    ReadMark,
    State,
    TurnMark,
    TurnState,
)
from postil.core.titles import title

_of_change = tuple(name for name in Change.model_fields if name not in ("seq", "doubtful"))
_OfCall = ev.PermissionAsked | ev.PermissionDecided | ev.CallStarted | ev.CallFinished


def fold(records: Iterable[ev.Recorded], state: State | None = None) -> State:
    """Return the state after `records`, starting from `state` or from nothing."""
    state = state or State.empty()
    for record in records:
        apply(state, record)
    return state


def apply(state: State, record: ev.Recorded) -> None:
    """Advance `state` by one event.

    An event of a later version, or of a turn or call that is over, changes nothing but the sequence number:
    a journal can always be folded.
    """
    state.seq = record.seq
    state.workflow.updated_at = record.at
    handler = _handlers.get(type(record.event))
    if handler is not None:
        handler(state, record.event, record)


def _session_created(state: State, event: ev.SessionCreated, record: ev.Recorded) -> None:
    state.workflow.session_id = event.session_id
    state.workflow.roots = event.roots
    state.workflow.created_at = record.at


def _configured(state: State, event: ev.ConfigurationInForce, record: ev.Recorded) -> None:
    workflow = state.workflow
    workflow.configuration = event
    if event.trusted:
        workflow.restricted_since = None
    elif workflow.restricted_since is None:
        workflow.restricted_since = record.seq


def _remembered(state: State, event: ev.MemoryInForce, record: ev.Recorded) -> None:
    state.workflow.memory = event
    if event.notes or any(not it.own for it in event.files):
        root = next(iter(state.workflow.roots), "")
        _note_read(state, [Source(origin="workspace", name=root)], record)


def _prompted(state: State, event: ev.PromptReceived, record: ev.Recorded) -> None:
    workflow = state.workflow
    workflow.turns.append(TurnState(id=event.turn_id, prompt=event, started_at=record.at))
    workflow.turn_count += 1
    if not workflow.title:
        workflow.title = _title(event)


def _routed(state: State, event: ev.Routed, record: ev.Recorded) -> None:
    turn = _turn(state, event.turn_id)
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
    words = len(turn.prompt.text) if turn.prompt.context else None
    state.conversation.messages.append(UserMessage(text=prompt_text(turn.prompt), words=words))
    if turn.prompt.context:
        root = next(iter(state.workflow.roots), "")
        foreign = (source for it in turn.prompt.context for source in it.sources)
        _note_read(state, [Source(origin="workspace", name=root), *foreign], record)


def _replied(state: State, event: ev.ModelReplied, record: ev.Recorded) -> None:
    turn, workflow = _turn(state, event.turn_id), state.workflow
    if turn is None:
        return
    fold_spending.replied(state, event, record)
    turn.steps = event.step
    turn.last_stop = event.stop_reason
    turn.failure = None
    turn.usage += event.usage
    turn.cost = fold_spending.added(turn.cost, event.cost)
    workflow.usage += event.usage
    workflow.cost = fold_spending.added(workflow.cost, event.cost)
    calls = event.message.calls
    workflow.calls = {call.id: CallState(call=call, turn_id=turn.id, step=event.step) for call in calls}
    workflow.call_count += len(calls)
    workflow.seen.update(workflow.showing)
    workflow.showing.clear()
    state.conversation.messages.append(event.message)
    if calls:
        state.conversation.messages.append(ToolMessage(call_ids=tuple(call.id for call in calls)))


def _model_failed(state: State, event: ev.ModelFailed, _: ev.Recorded) -> None:
    fold_spending.failed(state, event)
    turn = _turn(state, event.turn_id)
    if turn is not None:
        turn.failure = event


def _asked(state: State, event: ev.PermissionAsked, record: ev.Recorded) -> None:
    call = _open_call(state, event)
    if call is None:
        return
    call.status = "asking"
    call.fingerprint = event.fingerprint
    call.marks = event.marks
    call.question_id = event.question.id
    _open_question(state, event.question, event.turn_id, event.call_id, record)


def _decided(state: State, event: ev.PermissionDecided, record: ev.Recorded) -> None:
    asked = state.workflow.questions.pop(event.question_id or "", None)
    if asked is not None and event.by == "person":
        fold_shown.decided(state, asked.question, event.why, "", record)
    call = _open_call(state, event)
    if call is None:
        return
    call.status = "decided"
    call.fingerprint = event.fingerprint
    call.decision = event.decision
    call.by = event.by
    call.why = event.why
    for grant in state.workflow.grants:
        if event.by == "rule" and event.decision == "allow" and grant.rule in event.rule.split("\n"):
            grant.uses += 1
            grant.used_at = record.at


def _granted(state: State, event: ev.GrantAdded, record: ev.Recorded) -> None:
    grant = Grant(id=event.grant_id, rule=event.rule, scope=event.scope, at=record.at, seq=record.seq)
    state.workflow.grants.append(grant)


def _revoked(state: State, event: ev.GrantRevoked, _: ev.Recorded) -> None:
    state.workflow.grants = [grant for grant in state.workflow.grants if grant.id != event.grant_id]


def _question_asked(state: State, event: ev.QuestionAsked, record: ev.Recorded) -> None:
    _open_question(state, event.question, event.turn_id, event.call_id, record)
    call = state.workflow.calls.get(event.call_id or "")
    if call is not None and call.turn_id == event.turn_id and event.returned is not None:
        call.returned = event.returned


def _question_answered(state: State, event: ev.QuestionAnswered, record: ev.Recorded) -> None:
    question = state.workflow.questions.pop(event.question_id, None)
    if question is not None and event.by == "person":
        title = next((it.title for it in question.question.options if it.id == event.option_id), "")
        fold_shown.decided(state, question.question, title, event.text, record)
    if question is not None and question.question.kind == "halt":
        fold_spending.halt_answered(state, question.question, question.turn_id, event.option_id)
    call = state.workflow.calls.get(question.call_id or "") if question is not None else None
    if question is None or call is None or question.question.kind == "permission":
        return
    if question.question.kind != "ask_user":
        kind, subject = question.question.kind, question.question.subject
        chosen = {**call.choices.get(kind, {}), subject: event.option_id or ""}
        call.choices = {**call.choices, kind: chosen}
        return
    if event.by != "person":
        return
    chosen = next((it.title for it in question.question.options if it.id == event.option_id), "")
    call.answer = "\n".join(part for part in (chosen, event.text) if part)


def _started(state: State, event: ev.CallStarted, _: ev.Recorded) -> None:
    call = _open_call(state, event)
    if call is None:
        return
    call.status = "started"
    call.intent = event
    if event.command is not None and state.workflow.marks:
        mark = state.workflow.marks[-1]
        commands = (*mark.commands, event.command)
        state.workflow.marks.replace_last(mark.model_copy(update={"commands": commands}))


def _process_started(state: State, event: ev.ProcessStarted, _: ev.Recorded) -> None:
    call = state.workflow.calls.get(event.call_id)
    if call is not None:
        call.pid, call.pid_started = event.pid, event.started


def _file_changed(state: State, event: ev.FileChanged, record: ev.Recorded) -> None:
    fields = {name: getattr(event, name) for name in _of_change}
    state.workflow.changes.append(Change(seq=record.seq, **fields))
    for seen in (state.workflow.seen, state.workflow.showing):
        note_change(seen, event)


def _finished(state: State, event: ev.CallFinished, record: ev.Recorded) -> None:
    call = _open_call(state, event)
    if call is None:
        return
    call.status = "finished"
    call.outcome = event.outcome
    workflow = state.workflow
    if event.outcome == "unknown" and call.intent is not None:
        for change in doubtful(workflow.changes, call.intent, record):
            workflow.changes.append(change)
    workflow.questions = {key: it for key, it in workflow.questions.items() if it.call_id != event.call_id}
    messages = state.conversation.messages
    for part in event.seen:
        note_part(workflow.showing, workflow.seen, part)
        fold_shown.note_shown(workflow, part, len(messages) - 1, event.call_id)
    last = messages[-1]
    if isinstance(last, ToolMessage) and event.call_id in last.call_ids:
        failed = event.outcome != "completed"
        last.results[event.call_id] = ToolResult(
            call_id=event.call_id, content=event.content, is_error=failed, sources=event.sources
        )
    _note_read(state, event.sources, record)


def _note_read(state: State, sources: Iterable[Source], record: ev.Recorded) -> None:
    """Keep what was read for the first time; a person's own words are none of it."""
    workflow = state.workflow
    foreign = [it for it in dict.fromkeys(sources) if it.origin != "user"]
    known = {(it.source.origin, it.source.name) for it in workflow.read} if foreign else ()
    new = [it for it in foreign if (it.origin, it.name) not in known]
    if new:
        workflow.read = (*workflow.read, *(ReadMark(source=it, seq=record.seq) for it in new))


def _todo(state: State, event: ev.TodoUpdated, _: ev.Recorded) -> None:
    state.workflow.todo = event.items


def _turn_ended(state: State, event: ev.TurnEnded, _: ev.Recorded) -> None:
    workflow = state.workflow
    workflow.turns = [turn for turn in workflow.turns if turn.id != event.turn_id]
    workflow.last_end = event
    gone = [key for key, open_ in workflow.questions.items() if open_.turn_id == event.turn_id]
    for key in gone:
        del workflow.questions[key]


def _rewind_started(state: State, event: ev.RewindStarted, _: ev.Recorded) -> None:
    state.workflow.rewind = event


def _rewound(state: State, event: ev.Rewound, _: ev.Recorded) -> None:
    workflow, messages = state.workflow, state.conversation.messages
    undone = event.undone
    if undone is None and workflow.rewind is not None and event.outcome == "completed":
        undone = workflow.rewind.undoes
    workflow.undone = list(dict.fromkeys((*workflow.undone, *(undone or ()))))
    workflow.rewind = None
    number, mark = next(
        ((number, it) for number, it in enumerate(workflow.marks) if it.turn_id == event.turn_id), (0, None)
    )
    if mark is not None:
        messages.cut(mark.messages)
        workflow.seen, workflow.showing = {}, {}
        fold_shown.cut(state, mark.messages, mark.seq)
        if mark.seq < workflow.lost_at:
            messages.append(UserMessage(text=NOTE, note=True))
        workflow.todo = mark.todo
        workflow.read = tuple(it for it in workflow.read if it.seq < mark.seq)
        workflow.marks.cut(number)
        workflow.calls = {}
    elif event.note:
        messages.append(UserMessage(text=event.note, note=True))


def _resumed(state: State, _event: ev.SessionResumed, _: ev.Recorded) -> None:
    state.workflow.closed = False


def _closed(state: State, _event: ev.SessionClosed, _: ev.Recorded) -> None:
    state.workflow.closed = True


def _repaired(state: State, event: ev.JournalRepaired, record: ev.Recorded) -> None:
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


_handlers: dict[type[Event], Callable[[State, Any, ev.Recorded], None]] = {
    ev.SessionCreated: _session_created,
    ev.ConfigurationInForce: _configured,
    ev.MemoryInForce: _remembered,
    ev.PromptReceived: _prompted,
    ev.Routed: _routed,
    ev.PrefixChanged: fold_spending.prefix_changed,
    ev.ModelCalled: fold_spending.called,
    ev.ModelBrokeOff: fold_spending.broke_off,
    ev.ModelReplied: _replied,
    ev.ModelFailed: _model_failed,
    ev.PermissionAsked: _asked,
    ev.PermissionDecided: _decided,
    ev.GrantAdded: _granted,
    ev.GrantRevoked: _revoked,
    ev.QuestionAsked: _question_asked,
    ev.QuestionAnswered: _question_answered,
    ev.CallStarted: _started,
    ev.ProcessStarted: _process_started,
    ev.FileChanged: _file_changed,
    ev.CallFinished: _finished,
    ev.TodoUpdated: _todo,
    ev.TurnEnded: _turn_ended,
    ev.RewindStarted: _rewind_started,
    ev.Rewound: _rewound,
    ev.SessionResumed: _resumed,
    ev.SessionClosed: _closed,
    ev.JournalRepaired: _repaired,
    ev.ResultsFaded: fold_shown.faded,
    ev.CompactionStarted: fold_shown.started,
    ev.Compacted: fold_shown.compacted,
    ev.CompactionFailed: fold_shown.failed,
}
unfolded = {ev.ToolsMatched}
"""Durable events that are for the record alone; a test holds that every variant is here or handled."""


def _title(prompt: ev.PromptReceived) -> str:
    return title(prompt.text, next((it.text for it in prompt.context if it.kind == "diagnostic"), ""))


def _turn(state: State, turn_id: str) -> TurnState | None:
    return next((turn for turn in state.workflow.turns if turn.id == turn_id), None)


def _open_call(state: State, event: _OfCall) -> CallState | None:
    """Return the unfinished call that the event is of; ids are the model's own, so the turn has to fit too."""
    call = state.workflow.calls.get(event.call_id)
    if call is None or call.turn_id != event.turn_id or call.status == "finished":
        return None
    return call


def _open_question(
    state: State, question: Question, turn_id: str | None, call_id: str | None, record: ev.Recorded
) -> None:
    state.workflow.questions[question.id] = OpenQuestion(
        question=question, turn_id=turn_id, call_id=call_id, seq=record.seq
    )
