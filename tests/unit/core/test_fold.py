"""The fold, event by event: what each changes, and that what comes too late changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from postil.core import events as ev
from postil.core.effects import TodoItem
from postil.core.event import Event
from postil.core.fold import _handlers, apply, fold, unfolded
from postil.core.messages import AssistantMessage, Text, ToolCall, ToolMessage, Usage, UserMessage
from postil.core.origin import mark
from postil.core.prompted import prompt_text
from postil.core.question import Option, PromptContext, Question
from postil.core.seen import SeenPart
from postil.core.state import State

CALLS = (ToolCall(id="c1", name="read", input={"path": "a"}), ToolCall(id="c2", name="shell", input={}))
QUESTION = Question(id="q1", kind="permission", title="Run this command?", options=())
ASKED = Question(
    id="q2",
    kind="ask_user",
    title="The agent asks",
    options=(Option(id="choice_1", title="Red", kind="choice"),),
    free_text=True,
)
CONFIGURATION = ev.ConfigurationInForce(
    agent_type="build", mode="default", model="m", tools=(), limits=ev.Limits(), cause="session start"
)
PROMPT = ev.PromptReceived(turn_id="t1", text="Mend\nthe test.", face="test")
ROUTED = ev.Routed(turn_id="t1", agent_type="build", model="m", pool=(), why="")


def replied(step: int = 1, calls: tuple[ToolCall, ...] = CALLS, cost: float | None = 0.5) -> ev.ModelReplied:
    message = AssistantMessage(content=(Text(text="Words."), *calls))
    usage = Usage(input=10, output=5)
    return ev.ModelReplied(
        turn_id="t1", step=step, model="m", message=message, usage=usage, stop_reason="tool_use", cost=cost, seconds=1
    )  # fmt: skip


def decided(call_id: str = "c2", **more: Any) -> ev.PermissionDecided:
    fields = {"turn_id": "t1", "fingerprint": "f", "decision": "allow", "by": "person", "why": "allowed once"}
    return ev.PermissionDecided.model_validate({**fields, "call_id": call_id, **more})


def started(call_id: str = "c2", turn_id: str = "t1") -> ev.CallStarted:
    return ev.CallStarted(
        turn_id=turn_id, call_id=call_id, tool="shell", kind="execute", title="Run", effect_class="shell"
    )


def finished(
    call_id: str = "c1", outcome: ev.CallOutcome = "completed", turn_id: str = "t1"
) -> ev.CallFinished:
    return ev.CallFinished(
        turn_id=turn_id, call_id=call_id, tool="read", outcome=outcome, content=f"of {call_id}"
    )


def asked(turn_id: str = "t1") -> ev.PermissionAsked:
    return ev.PermissionAsked(turn_id=turn_id, call_id="c2", fingerprint="f", question=QUESTION)


def after(*events: ev.Durable | ev.UnknownEvent) -> State:
    return fold(ev.Recorded(seq, 100.0 + seq, event) for seq, event in enumerate(events, 1))


BEGUN = (
    ev.SessionCreated(session_id="s1", roots=("/p",), face="test", postil="0"),
    CONFIGURATION,
    PROMPT,
    ROUTED,
)
ENDED = ev.TurnEnded(turn_id="t1", reason="end_turn")


def test_every_durable_event_is_folded_or_said_not_to_be() -> None:
    assert set(_handlers) | unfolded == set(ev.durable_types)
    assert not set(_handlers) & unfolded


def test_a_session_begins() -> None:
    state = after(*BEGUN[:3])
    workflow = state.workflow
    assert (workflow.session_id, workflow.roots, workflow.created_at, workflow.updated_at) == (
        "s1",
        ("/p",),
        101,
        103,
    )
    assert workflow.configuration == CONFIGURATION
    assert (workflow.title, workflow.turn_count) == ("Mend", 1)
    assert (workflow.turn is not None and workflow.turn.routed, state.conversation.messages) == (False, [])


def test_a_turn_starts_with_its_prompt_in_the_conversation() -> None:
    state = after(*BEGUN, replied(), ev.PromptReceived(turn_id="t2", text="Next", face="test"))
    assert [type(it) for it in state.conversation.messages] == [UserMessage, AssistantMessage, ToolMessage]
    assert [it.id for it in state.workflow.turns] == ["t1", "t2"]
    assert state.workflow.title == "Mend"


def test_a_reply_opens_its_calls_and_adds_up() -> None:
    state = after(*BEGUN, replied())
    workflow = state.workflow
    assert [it.call.id for it in workflow.open_calls] == ["c1", "c2"]
    assert {it.status for it in workflow.open_calls} == {"open"}
    assert workflow.turn is not None
    assert (workflow.turn.steps, workflow.turn.last_stop, workflow.call_count) == (1, "tool_use", 2)
    again = after(*BEGUN, replied(calls=()), replied(2, ()))
    assert (again.workflow.usage, again.workflow.cost) == (Usage(input=20, output=10), 1.0)
    assert after(*BEGUN, replied(cost=None), replied(2)).workflow.cost is None
    assert len(after(*BEGUN, replied(calls=())).conversation.messages) == 2


def test_results_stand_in_the_order_of_the_calls() -> None:
    state = after(*BEGUN, replied(), finished("c2", "failed"), finished("c1"))
    message = state.conversation.messages[-1]
    assert isinstance(message, ToolMessage)
    assert message.complete
    assert [(it.call_id, it.is_error) for it in message.ordered] == [("c1", False), ("c2", True)]
    assert state.workflow.open_calls == []


def test_a_permission_is_asked_and_decided() -> None:
    state = after(*BEGUN, replied(), asked())
    call = state.workflow.calls["c2"]
    assert (call.status, call.fingerprint, call.question_id) == ("asking", "f", "q1")
    assert state.workflow.questions["q1"].call_id == "c2"
    state = after(*BEGUN, replied(), asked(), decided(question_id="q1"))
    call = state.workflow.calls["c2"]
    assert (call.status, call.decision, call.by, state.workflow.questions) == (
        "decided",
        "allow",
        "person",
        {},
    )


def test_grants_count_their_uses() -> None:
    grant = ev.GrantAdded(grant_id="g1", rule="Bash(make)", scope="session")
    by_rule = decided(by="rule", rule="Bash(make)")
    state = after(*BEGUN, replied(), grant, by_rule, decided(by="person", rule="Bash(make)"))
    assert [(it.rule, it.uses) for it in state.workflow.grants] == [("Bash(make)", 1)]
    assert after(grant, ev.GrantRevoked(grant_id="g1")).workflow.grants == []


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"option_id": "choice_1"}, "Red"),
        ({"text": "Blue"}, "Blue"),
        ({"option_id": "choice_1", "text": "Dark"}, "Red\nDark"),
        ({"by": "nobody"}, None),
        ({"by": "withdrawn"}, None),
    ],
)
def test_the_answer_of_a_person_is_the_calls(fields: dict[str, Any], answer: str | None) -> None:
    question = ev.QuestionAsked(turn_id="t1", call_id="c1", question=ASKED)
    answered = ev.QuestionAnswered.model_validate({"question_id": "q2", **fields})
    state = after(*BEGUN, replied(), question, answered)
    assert (state.workflow.calls["c1"].answer, state.workflow.questions) == (answer, {})


def test_a_withdrawn_permission_question_answers_nothing() -> None:
    state = after(*BEGUN, replied(), asked(), ev.QuestionAnswered(question_id="q1", by="withdrawn"))
    assert (state.workflow.calls["c2"].answer, state.workflow.questions) == (None, {})


def test_a_call_starts_with_its_process() -> None:
    state = after(*BEGUN, replied(), started(), ev.ProcessStarted(call_id="c2", pid=7, started=1.5))
    call = state.workflow.calls["c2"]
    assert (call.status, call.pid, call.pid_started) == ("started", 7, 1.5)
    assert call.intent == started()


def test_plan_changes_failure_and_closing() -> None:
    items = (TodoItem(text="Mend"),)
    changed = ev.FileChanged(
        turn_id="t1", call_id="c1", change_id="x", label="Edit a", path="/p/a", before="1", after="2",
        added=1, removed=1, where="disk", diff="…",
    )  # fmt: skip
    failed = ev.ModelFailed(turn_id="t1", step=2, kind="overloaded", message="Busy.")
    state = after(*BEGUN, replied(), ev.TodoUpdated(turn_id="t1", items=items), changed, failed)
    assert state.workflow.todo == items
    assert [(it.path, it.seq) for it in state.workflow.changes] == [("/p/a", 7)]
    assert state.workflow.turn is not None
    assert state.workflow.turn.failure == failed
    closed = ev.SessionClosed(reason="done")
    assert after(closed).workflow.closed
    assert not after(closed, ev.SessionResumed(face="test", postil="0", clean=True)).workflow.closed


def test_the_end_of_a_turn_takes_its_questions_along() -> None:
    free = ev.QuestionAsked(turn_id=None, question=ASKED)
    state = after(*BEGUN, replied(), asked(), free, ENDED)
    assert (list(state.workflow.questions), state.workflow.turns) == (["q2"], [])
    assert state.workflow.last_end == ENDED


@pytest.mark.parametrize(
    "late",
    [
        ROUTED, replied(), ev.ModelFailed(turn_id="t1", step=1, kind="x", message="x"), asked(), decided(), started(),
        finished(), ENDED, ev.ProcessStarted(call_id="c9", pid=1, started=1), ev.GrantRevoked(grant_id="g"),
        ev.QuestionAnswered(question_id="q1"), ev.UnknownEvent(raw={"type": "Later"}),
        ev.ToolsMatched(turn_id="t1", query="x", hits=()), ev.JournalRepaired(dropped_bytes=1, kept_in="x"),
    ],
    ids=lambda it: type(it).__name__,
)  # fmt: skip
def test_what_comes_too_late_changes_nothing(late: Event) -> None:
    """A journal can always be folded: the fold has no errors."""
    assert isinstance(late, ev.Durable | ev.UnknownEvent)
    for before in (
        (),
        (*BEGUN, replied(), finished("c1"), finished("c2"), ENDED),
        (
            *BEGUN,
            replied(),
            finished("c1"),
            finished("c2"),
            ENDED,
            PROMPT.model_copy(update={"turn_id": "t2"}),
        ),
    ):
        state = after(*before)
        want = state.model_copy(deep=True)
        apply(state, ev.Recorded(99, 199.0, late))
        want.seq, want.workflow.updated_at = 99, 199.0
        want.workflow.last_end = state.workflow.last_end if late is ENDED else want.workflow.last_end
        assert state == want


def test_a_call_of_another_turn_with_the_same_id_is_another_call() -> None:
    state = after(*BEGUN, replied(), finished("c1", turn_id="t0"), started(turn_id="t0"), asked(turn_id="t0"))
    assert [it.status for it in state.workflow.open_calls] == ["open", "open"]
    assert state.workflow.questions == {}


def test_a_decision_after_the_end_of_its_call_reopens_nothing() -> None:
    state = after(*BEGUN, replied(), asked(), finished("c2", "not_run"), decided(question_id="q1"), started())
    assert (state.workflow.calls["c2"].status, state.workflow.calls["c2"].by) == ("finished", None)


def test_a_prompt_reads_with_its_context() -> None:
    context = (
        PromptContext(kind="file", path="a.py", text="x"),
        PromptContext(kind="selection", path="b.py", text="y", first_line=2, last_line=3),
    )
    text = prompt_text(PROMPT.model_copy(update={"context": context}))
    one, two = mark("x", PROMPT.turn_id), mark("y", PROMPT.turn_id)
    assert text == (
        f'Mend\nthe test.\n\n<file {one} path="a.py">\nx\n</file {one}>\n\n'
        f'<selection {two} path="b.py:2-3">\ny\n</selection {two}>'
    )


def test_a_rewind_takes_back_what_was_shown_and_decided_since() -> None:
    part = SeenPart(path="/p/a", hash="h", first=1, last=None)
    first = (
        *BEGUN,
        replied(),
        asked(),
        decided(question_id="q1"),
        finished().model_copy(update={"seen": (part,)}),
    )
    second = [
        it.model_copy(update={"turn_id": "t2"})
        for it in (PROMPT, ROUTED, replied(), asked(), decided(question_id="q1"))
    ]
    before = after(*first, finished("c2"), ENDED)
    state = after(
        *first,
        finished("c2"),
        ENDED,
        *second,
        finished(turn_id="t2").model_copy(update={"seen": (part,)}),
        ev.Rewound(rewind_id="r1", outcome="completed", turn_id="t2"),
    )
    assert [it.seq for it in before.workflow.decisions] == [7]
    assert list(state.workflow.decisions) == list(before.workflow.decisions)
    assert state.conversation.messages == before.conversation.messages
    assert before.workflow.shown.keys() == {"/p/a"}
    assert state.workflow.shown == {}, "where things stand was another conversation's"
