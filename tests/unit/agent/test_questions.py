"""Waiting for a person: one answer for a question, one clock for all who wait."""

from __future__ import annotations

import asyncio

import pytest

from postil.agent.emitter import Emitter
from postil.agent.questions import Questions, answer_text
from postil.core.effects import UserQuestion
from postil.core.ephemeral import StageChanged
from postil.core.errors import ProtocolError, WriteFailed
from postil.core.events import (
    Durable,
    GrantAdded,
    ModelReplied,
    PermissionAsked,
    PermissionDecided,
    PromptReceived,
    QuestionAnswered,
    QuestionAsked,
    Routed,
    TurnEnded,
)  # fmt: skip
from postil.core.messages import AssistantMessage, ToolCall, Usage
from postil.core.question import Option, Question
from postil.core.state import State
from postil.core.submissions import Answer
from tests.support.agent_world import World

OPTIONS = (
    Option(id="allow_once", title="Allow once", kind="allow_once"),
    Option(id="allow_always", title="Always allow…", kind="allow_always", note="Bash(make)"),
    Option(id="reject_once", title="Deny", kind="reject_once"),
)
CALLS = tuple(ToolCall(id=f"c{number}", name="shell", input={}) for number in (1, 2))


def permission(number: int) -> PermissionAsked:
    question = Question(id=f"q{number}", kind="permission", title="Run this command?", options=OPTIONS)
    return PermissionAsked(turn_id="t1", call_id=f"c{number}", fingerprint=f"f{number}", question=question)


def begun() -> list[Durable]:
    reply = ModelReplied(
        turn_id="t1", step=1, model="m", message=AssistantMessage(content=CALLS), usage=Usage(),
        stop_reason="tool_use", seconds=0,
    )  # fmt: skip
    routed = Routed(turn_id="t1", agent_type="build", model="m", pool=(), why="")
    return [PromptReceived(turn_id="t1", text="Go.", face="test"), routed, reply]


class Desk:
    """A session's questions, its first events, and the world around them."""

    def __init__(self) -> None:
        self.world = World([])
        self.emitter = Emitter("s1", self.world.journal, State.empty())
        self.questions = Questions(self.emitter, self.world.parts())

    async def record(self, *events: Durable) -> None:
        for event in events:
            await self.emitter.emit(event)


async def desk(*events: Durable) -> Desk:
    made = Desk()
    await made.record(*begun(), *events)
    return made


async def test_of_two_answers_one_wins_and_the_other_leaves_nothing() -> None:
    for first, second in (("reject_once", "allow_always"), ("allow_always", "reject_once")):
        made = await desk(permission(1))
        answers = [made.questions.answer(Answer("q1", option)) for option in (first, second)]
        results = await asyncio.gather(*answers, return_exceptions=True)
        assert results[0] is None
        assert isinstance(results[1], ProtocolError)
        [decided] = made.world.events(PermissionDecided)
        assert decided.option_id == first
        assert (
            len(made.world.events(GrantAdded))
            == len(made.world.standing.granted)
            == (first == "allow_always")
        )


async def test_a_decision_is_on_record_before_its_grant() -> None:
    made = await desk(permission(1))
    await made.questions.answer(Answer("q1", "allow_always"))
    assert made.world.names()[-2:] == ["PermissionDecided", "GrantAdded"]
    assert made.world.journal.synced == len(made.world.journal.records)


async def test_an_answer_that_meets_the_end_of_its_turn_comes_too_late() -> None:
    made = await desk(permission(1))
    ending = asyncio.ensure_future(made.emitter.emit(TurnEnded(turn_id="t1", reason="cancelled")))
    await asyncio.sleep(0)
    with pytest.raises(ProtocolError, match="not open"):
        await made.questions.answer(Answer("q1", "allow_always"))
    await ending
    assert not made.world.events(PermissionDecided)
    assert not made.world.events(GrantAdded)


async def test_an_answer_that_cannot_be_recorded_ends_the_wait_without_one() -> None:
    made = await desk(permission(1))
    waiting = asyncio.ensure_future(made.questions.wait("q1"))
    await asyncio.sleep(0)
    made.world.journal.fail_next = WriteFailed("Full.")
    with pytest.raises(WriteFailed):
        await made.questions.answer(Answer("q1", "allow_once"))
    with pytest.raises(WriteFailed, match="Full"):
        await waiting
    with pytest.raises(WriteFailed, match="Full"):
        await made.questions.wait("q1")


async def test_waiting_is_counted_once_for_all_who_wait() -> None:
    made = await desk(permission(1), permission(2))
    clock = made.world.clock
    waiting = [asyncio.ensure_future(made.questions.wait(f"q{number}")) for number in (1, 2)]
    await asyncio.sleep(0)
    clock.seconds += 10
    assert made.questions.waited == 10
    await made.questions.answer(Answer("q1", "allow_once"))
    clock.seconds += 5
    await made.questions.answer(Answer("q2", "reject_once"))
    await asyncio.gather(*waiting)
    clock.seconds += 100
    assert made.questions.waited == 15
    await made.questions.wait("q1")


async def test_a_question_of_the_model_is_asked_once() -> None:
    made = await desk()
    call = made.emitter.state.workflow.calls["c1"]
    waits = asyncio.Event()
    made.emitter.subscribe(lambda it: waits.set() if isinstance(it.event, StageChanged) else None)
    for _ in range(2):
        waits.clear()
        asking = asyncio.ensure_future(made.questions.ask(call, UserQuestion("Which?", ("A", "B"))))
        await waits.wait()
        asking.cancel()
        await asyncio.wait({asking})
    [asked] = made.world.events(QuestionAsked)
    assert [(it.id, it.title) for it in asked.question.options] == [("choice_1", "A"), ("choice_2", "B")]
    await made.questions.answer(Answer(asked.question.id, "choice_2"))
    assert made.world.journal.synced == len(made.world.journal.records), "an answer is durable"
    assert await made.questions.ask(call, UserQuestion("Which?")) == "The user answered: B"


async def test_what_is_withdrawn_is_withdrawn_once_and_only_of_its_kind() -> None:
    made = await desk(permission(1))
    call = made.emitter.state.workflow.calls["c1"]
    await made.questions.withdraw(call, "ask_user")
    assert list(made.questions.open_of(call, "permission")) == ["q1"]
    for _ in range(2):
        await made.questions.withdraw(call, "permission")
    assert [(it.question_id, it.by) for it in made.world.events(QuestionAnswered)] == [("q1", "withdrawn")]


def test_an_answer_reads_as_the_users() -> None:
    assert answer_text("Blue") == "The user answered: Blue"
    assert answer_text("") == answer_text(None) == "The user gave no answer."
