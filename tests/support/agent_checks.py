"""What must hold of every session's record, whatever happened to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from postil.core.events import (
    CallFinished,
    CallStarted,
    ChecksStarted,
    ModelReplied,
    PermissionDecided,
    PromptReceived,
    QuestionAnswered,
    Recorded,
    TurnEnded,
)  # fmt: skip
from postil.core.fold import fold
from postil.core.messages import ToolMessage
from postil.core.state import State


def check_ended(records: Sequence[Recorded], live: State) -> None:
    """Nothing is open, every call and every turn ended once, and replay gives the live state."""
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    check_calls(records)
    ends = Counter(it.event.turn_id for it in records if isinstance(it.event, TurnEnded))
    turns = [it.event.turn_id for it in records if isinstance(it.event, PromptReceived)]
    assert ends == Counter(turns), "every turn ends once"
    assert fold(records) == live, "replay equals live state"
    workflow = live.workflow
    assert not workflow.turns
    assert not workflow.open_calls
    assert not workflow.questions
    incomplete = [it for it in live.conversation.messages if isinstance(it, ToolMessage) and not it.complete]
    assert not incomplete, "every call that the model asked for has its result"


def check_calls(records: Sequence[Recorded]) -> None:
    """Every call that was asked for has one end, after its start; nothing else has."""
    asked: list[str] = []
    ended: list[str] = []
    for record in records:
        event = record.event
        if isinstance(event, ModelReplied):
            asked += [call.id for call in event.message.calls]
        elif isinstance(event, ChecksStarted):
            asked += [check.call_id for check in event.checks]
        elif isinstance(event, CallFinished):
            assert event.call_id in asked, "a call ends after it was asked for"
            ended.append(event.call_id)
        elif isinstance(event, CallStarted):
            assert event.call_id not in ended, "a call does not start after its end"
    assert Counter(ended) == Counter(asked), "every call ends once"


def check_answers(records: Sequence[Recorded]) -> None:
    """No question is answered twice."""
    answered = Counter(
        it.event.question_id
        for it in records
        if isinstance(it.event, PermissionDecided | QuestionAnswered) and it.event.question_id is not None
    )
    assert all(count == 1 for count in answered.values()), answered
