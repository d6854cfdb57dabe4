"""The next move, read from the state alone."""

from __future__ import annotations

from typing import Any

import pytest

from postil.agent.budgets.limits import REPEATS_FATAL, repeats
from postil.agent.turn import CallModel, End, Move, RunCalls, Start, next_move
from postil.core.conversation import MessageList
from postil.core.events import Limits, PromptReceived
from postil.core.messages import AssistantMessage, Message, ToolCall, ToolMessage, UserMessage
from postil.core.state import CallState, CallStatus, State, TurnState

LIMITS = Limits(steps=10, seconds=60)


def call(call_id: str, tool: str = "read", **arguments: Any) -> ToolCall:
    return ToolCall(id=call_id, name=tool, input=arguments)


def state(*statuses: CallStatus, **turn: Any) -> State:
    """Return a state whose turn has these calls in its last step."""
    made = State.empty()
    prompt = PromptReceived(turn_id="t1", text="Go.", face="test")
    made.workflow.turns = [TurnState.model_validate({"id": "t1", "prompt": prompt, "routed": True, **turn})]
    made.workflow.calls = {
        f"c{number}": CallState(
            call=call(f"c{number}", path=str(number)), turn_id="t1", step=1, status=status
        )
        for number, status in enumerate(statuses)
    }
    return made


def move(made: State, worked: float = 0.0) -> Move:
    return next_move(made, made.workflow.turns[0], LIMITS, worked)


@pytest.mark.parametrize(
    ("made", "want"),
    [
        (state(routed=False), Start()),
        (state(routed=False, steps=99), Start()),
        (state(), CallModel()),
        (state("finished", last_stop="tool_use", steps=1), CallModel()),
        (state("finished", "finished", last_stop="tool_use", steps=9), CallModel()),
        (state(last_stop="pause_turn", steps=1), CallModel()),
        (state(last_stop="end_turn", steps=1), End("end_turn")),
        (state(last_stop="stop_sequence", steps=1), End("end_turn")),
        (state(last_stop="tool_use", steps=1), End("end_turn")),
        (state(last_stop="other", steps=1), End("end_turn")),
    ],
)
def test_the_table(made: State, want: Move) -> None:
    assert move(made) == want


@pytest.mark.parametrize("status", ["open", "asking", "decided", "started"])
def test_calls_that_have_not_ended_come_first_whatever_the_limits_say(status: CallStatus) -> None:
    made = state("finished", status, last_stop="tool_use", steps=99)
    assert move(made, 1e9) == RunCalls((made.workflow.calls["c1"],))


@pytest.mark.parametrize(
    ("made", "worked", "reason"),
    [
        (state(last_stop="max_tokens", steps=1), 0, "max_tokens"),
        (state(last_stop="refusal", steps=1), 0, "refusal"),
        (state(last_stop="model_context_window_exceeded", steps=1), 0, "failed"),
        (state("finished", last_stop="tool_use", steps=10), 0, "max_turn_requests"),
        (state("finished", last_stop="tool_use", steps=1), 60, "budget_exhausted"),
        (state(last_stop="pause_turn", steps=10), 0, "max_turn_requests"),
        (state(last_stop="end_turn", steps=10), 99, "end_turn"),
    ],
)
def test_ends(made: State, worked: float, reason: str) -> None:
    end = move(made, worked)
    assert isinstance(end, End)
    assert (end.reason, bool(end.message)) == (reason, reason != "end_turn")


def conversation(*calls: ToolCall | str) -> list[Message]:
    """Return messages in which each call has a reply of its own; a string is a prompt."""
    messages: list[Message] = []
    for one in calls:
        if isinstance(one, str):
            messages.append(UserMessage(text=one))
        else:
            messages.append(AssistantMessage(content=(one,)))
            messages.append(ToolMessage(call_ids=(one.id,)))
    return messages


def test_going_in_circles_ends_the_turn() -> None:
    made = state("finished", last_stop="tool_use", steps=1)
    calls = [call(f"x{number}", path="0") for number in range(REPEATS_FATAL - 1)]
    made.conversation.messages = MessageList.of(conversation("Go.", *calls, call("c0", path="0")))
    end = move(made)
    assert isinstance(end, End)
    assert end.reason == "failed"
    made.conversation.messages = MessageList.of(conversation("Go.", *calls[1:], call("c0", path="0")))
    assert move(made) == CallModel()


@pytest.mark.parametrize(
    ("messages", "want"),
    [
        (conversation("Go.", call("c", path="a")), 1),
        (conversation("Go.", call("b", path="a"), call("c", path="a")), 2),
        (conversation("Go.", call("a", path="a"), call("b", path="b"), call("c", path="a")), 1),
        (conversation("Go.", call("b", "list", path="a"), call("c", path="a")), 1),
        (conversation(call("b", path="a"), "Again.", call("c", path="a")), 1),
        (conversation("Go.", call("c", path="a"), call("d", path="a")), 1),
        (conversation("Go."), 0),
    ],
)
def test_repeats_are_counted_back_from_the_call_within_the_turn(messages: list[Message], want: int) -> None:
    assert repeats(messages, call("c", path="a")) == want


def test_the_order_of_arguments_is_no_difference() -> None:
    messages = conversation("Go.", call("b", path="a", limit=1), call("c", limit=1, path="a"))
    assert repeats(messages, call("c", limit=1, path="a")) == 2


def test_several_in_one_reply_are_counted_too() -> None:
    three = tuple(call(f"c{number}", path="a") for number in range(3))
    messages: list[Message] = [UserMessage(text="Go."), AssistantMessage(content=three)]
    assert [repeats(messages, one) for one in three] == [1, 2, 3]
