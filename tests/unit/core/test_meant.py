"""What a call of `use_tool` means, and what means nothing else than itself."""

from __future__ import annotations

from typing import Any

import pytest

from postil.core.events import (
    CallStarted,
    ConfigurationInForce,
    Limits,
    ModelReplied,
    PermissionDecided,
    PromptReceived,
    Recorded,
    Routed,
    SessionCreated,
)
from postil.core.fold import fold
from postil.core.messages import AssistantMessage, ToolCall, Usage
from postil.journal.invariants import Structure

INNER = "mcp__forge__create_issue"


def use(given: dict[str, Any], malformed: str | None = None) -> ToolCall:
    return ToolCall(id="c", name="use_tool", input=given, malformed=malformed)


@pytest.mark.parametrize("name", [INNER, "shell", "no_such_tool"])
def test_what_is_used_through_it_is_the_call(name: str) -> None:
    meant = use({"name": name, "input": {"a": [1]}}).meant
    assert meant == ToolCall(id="c", name=name, input={"a": [1]})
    assert use({"name": name}).meant == ToolCall(id="c", name=name, input={})
    assert meant.meant is meant


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": 3, "input": {}},
        {"name": "", "input": {}},
        {"name": "a b"},
        {"name": "x" * 129},
        {"name": "half \ud800"},
        {"name": INNER, "input": "{}"},
        {"name": INNER, "input": None},
        {"name": INNER, "input": {}, "more": 1},
        {"name": "use_tool", "input": {"name": INNER, "input": {}}},
    ],
    ids=str,
)
def test_what_names_no_tool_or_gives_no_object_stays_what_it_is(given: dict[str, Any]) -> None:
    call = use(given)
    assert call.meant is call


def test_what_was_no_object_stays_what_it_is_and_so_does_every_other_call() -> None:
    broken = use({}, "[1")
    other = ToolCall(id="c", name="read", input={"name": INNER, "input": {}})
    assert broken.meant is broken
    assert other.meant is other


def test_the_conversation_keeps_what_the_model_wrote_and_the_work_is_about_what_it_meant() -> None:
    written = use({"name": INNER, "input": {"owner": "me"}})
    message = AssistantMessage(content=(written,))
    replied = ModelReplied(
        turn_id="t1", step=1, model="m", message=message, usage=Usage(), stop_reason="tool_use", seconds=1.0
    )
    events = (
        SessionCreated(session_id="s", roots=("/w",), face="test", postil="1"),
        PromptReceived(turn_id="t1", text="Go.", face="test"),
        replied,
    )
    state = fold(Recorded(seq, float(seq), it) for seq, it in enumerate(events, 1))
    said = state.conversation.messages[0]
    assert isinstance(said, AssistantMessage)
    assert said.content == said.written == (written,)
    assert said.calls == (written.meant,)
    call = state.workflow.calls["c"]
    assert (call.call, call.through) == (written.meant, "use_tool")


@pytest.mark.parametrize(("named", "right"), [(INNER, True), ("use_tool", True), ("shell", False)])
def test_a_record_names_what_was_used_or_as_earlier_versions_did_what_was_called(
    named: str, right: bool
) -> None:
    message = AssistantMessage(content=(use({"name": INNER, "input": {}}),))
    configuration = ConfigurationInForce(
        agent_type="build", mode="default", model="m", tools=(), limits=Limits(), cause="session start"
    )
    structure = Structure()
    breaches = [
        what
        for event in (
            SessionCreated(session_id="s", roots=("/w",), face="test", postil="1"),
            configuration,
            PromptReceived(turn_id="t1", text="Go.", face="test"),
            Routed(turn_id="t1", agent_type="build", model="m", pool=(), why=""),
            ModelReplied(
                turn_id="t1",
                step=1,
                model="m",
                message=message,
                usage=Usage(),
                stop_reason="tool_use",
                seconds=1.0,
            ),
            PermissionDecided(
                turn_id="t1", call_id="c", fingerprint="f", decision="allow", by="rule", why="w"
            ),
            CallStarted(turn_id="t1", call_id="c", tool=named, kind="other", title="T", effect_class="none"),
        )
        for what in structure.take(event)
    ]
    assert breaches == ([] if right else [f"call c wanted {INNER} and starts {named}"])
