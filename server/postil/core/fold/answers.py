"""How questions, what people answered, and what they granted change the state."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.calls import open_call
from postil.core.fold.shown import note_decision
from postil.core.fold.spending import halt_answered
from postil.core.question import Question
from postil.core.state import Grant, OpenQuestion, State


def asked(state: State, event: ev.PermissionAsked, record: ev.Recorded) -> None:
    """Let a call wait for an answer."""
    call = open_call(state, event)
    if call is None:
        return
    call.status = "asking"
    call.fingerprint = event.fingerprint
    call.marks = event.marks
    call.question_id = event.question.id
    _open_question(state, event.question, event.turn_id, event.call_id, record)


def decided(state: State, event: ev.PermissionDecided, record: ev.Recorded) -> None:
    """Keep what was decided about a call, and which grants that used."""
    asked = state.workflow.questions.pop(event.question_id or "", None)
    if asked is not None and event.by == "person":
        note_decision(state, asked.question, event.why, "", record)
    call = open_call(state, event)
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


def granted(state: State, event: ev.GrantAdded, record: ev.Recorded) -> None:
    """Keep a grant."""
    grant = Grant(id=event.grant_id, rule=event.rule, scope=event.scope, at=record.at, seq=record.seq)
    state.workflow.grants.append(grant)


def revoked(state: State, event: ev.GrantRevoked, _: ev.Recorded) -> None:
    """Take a grant away."""
    state.workflow.grants = [grant for grant in state.workflow.grants if grant.id != event.grant_id]


def question_asked(state: State, event: ev.QuestionAsked, record: ev.Recorded) -> None:
    """Keep an open question."""
    _open_question(state, event.question, event.turn_id, event.call_id, record)
    call = state.workflow.calls.get(event.call_id or "")
    if call is not None and call.turn_id == event.turn_id and event.returned is not None:
        call.returned = event.returned


def question_answered(state: State, event: ev.QuestionAnswered, record: ev.Recorded) -> None:
    """Take a question away, and keep what its answer changes."""
    question = state.workflow.questions.pop(event.question_id, None)
    if question is not None and event.by == "person":
        title = next((it.title for it in question.question.options if it.id == event.option_id), "")
        note_decision(state, question.question, title, event.text, record)
    if question is not None and question.question.kind == "halt":
        halt_answered(state, question.question, question.turn_id, event.option_id)
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


def _open_question(
    state: State, question: Question, turn_id: str | None, call_id: str | None, record: ev.Recorded
) -> None:
    state.workflow.questions[question.id] = OpenQuestion(
        question=question, turn_id=turn_id, call_id=call_id, seq=record.seq
    )
