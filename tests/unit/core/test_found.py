"""Tools that were found, on record: until a rewind goes back to before, whatever is opened again or summed up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from postil.context import prompt
from postil.context.prompt import Now
from postil.context.shown import with_faded
from postil.core.events import CallFinished, Compacted, ModelReplied, PromptReceived, Recorded, Routed
from postil.core.fold import fold
from postil.core.found import FoundTool, LateTool, ToolsMatched, in_force
from postil.core.messages import ToolMessage, Usage
from postil.core.ports import ModelRequest
from postil.core.state import State
from postil.core.submissions import Prompt, Rewind, Target
from postil.model.scripted.checks import check
from postil.model.scripted.history import History
from postil.model.scripted.refusal import Refusal
from postil.model.scripted.script import Script
from postil.model.scripted.tokens import measure
from postil.model.wire import Wire
from tests.support.agent_world import World
from tests.support.fake_model import Play, call, says
from tests.support.few_tools import registry
from tests.support.shelf import Shelf, echo

SERVICE = "claude-sonnet-5-5"
TOOLS = [
    echo("paint", "Paints a picture."),
    echo("carve", "Carves a stone."),
    echo("weave", "Weaves a cloth."),
]


def world(*plays: Play, model: str = SERVICE) -> World:
    tools = registry.with_plugins(Shelf(TOOLS))
    stable = prompt.prefix(["/project"], tools.schemas(references=model == SERVICE))

    async def request(state: State) -> ModelRequest:
        return prompt.request(state, stable, max_tokens=1_000, now=Now(tools=tools.plugins.lines()))

    return World(
        list(plays),
        {"a.py": "x = 1\n"},
        request=request,
        tools=tools,
        model_name=model,
        rules=("Mcp(shelf/*)",),
    )


def late(request: ModelRequest) -> list[str]:
    return [it.name.removeprefix("mcp__shelf__") for it in request.late]


def sent(request: ModelRequest) -> dict[str, Any]:
    body = json.loads(Wire().encode(request))
    body["model"] = request.model
    return body


def referred(request: ModelRequest) -> list[str]:
    return [it["tool_name"] for it in blocks(request) if it["type"] == "tool_reference"]


def blocks(request: ModelRequest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for message in sent(request)["messages"]:
        for block in message["content"]:
            inner = block.get("content")
            found += [block, *(inner if isinstance(inner, list) else [])]
    return found


async def test_what_was_found_stays_found_when_the_session_is_opened_again() -> None:
    here = world(
        says(call("find_tools", query="paint")),
        says("Found."),
        says(call("mcp__shelf__paint")),
        says("Done."),
    )
    session = await here.start()
    await session.prompt(Prompt("Paint."))
    await session.idle()
    before = here.model.requests[-1]
    session = await here.reopen()
    assert [it.tool.name for it in session.state.workflow.found] == ["mcp__shelf__paint"]
    await session.prompt(Prompt("Go on."))
    await session.idle()
    after = here.model.requests[0]
    assert (late(before), late(after)) == (["paint"], ["paint"])
    assert before.late == after.late
    assert sent(before)["tools"] == sent(after)["tools"]
    assert referred(after) == ["mcp__shelf__paint"]


async def test_going_back_takes_away_what_was_found_since() -> None:
    here = world(
        says(call("find_tools", query="paint")), says("One."),
        says(call("find_tools", query="carve")), says("Two."), says("Three."),
    )  # fmt: skip
    session = await here.start()
    await session.prompt(Prompt("First."))
    await session.idle()
    second = await session.prompt(Prompt("Second."))
    await session.idle()
    assert late(here.model.requests[-1]) == ["paint", "carve"]
    plan = await session.plan(Target(turn_id=second))
    await session.rewind(Rewind(Target(turn_id=second), plan.fingerprint, conversation=True, face="test"))
    assert [it.tool.name for it in session.state.workflow.found] == ["mcp__shelf__paint"]
    here.model.plays = [*here.model.plays[:2], says("Other.")]
    await session.prompt(Prompt("Otherwise."))
    await session.idle()
    assert late(here.model.requests[-1]) == ["paint"]
    assert fold(here.journal.records).workflow.found == session.state.workflow.found


async def test_finding_again_adds_nothing_and_several_stand_in_the_order_of_finding() -> None:
    here = world(
        says(call("find_tools", query="weave")), says(call("find_tools", query="paint")),
        says(call("find_tools", query="weave")), says("Done."),
    )  # fmt: skip
    session = await here.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    assert late(here.model.requests[-1]) == ["weave", "paint"]
    assert referred(here.model.requests[-1]) == [
        "mcp__shelf__weave",
        "mcp__shelf__paint",
        "mcp__shelf__weave",
    ]
    assert [it.hits for it in here.events(ToolsMatched)] == [
        ("mcp__shelf__weave",), ("mcp__shelf__paint",), ("mcp__shelf__weave",),
    ]  # fmt: skip


@pytest.mark.parametrize("model", [SERVICE, "local"])
async def test_the_service_takes_every_request(model: str) -> None:
    here = world(
        says(call("find_tools", query="paint"), call("read", path="a.py")), says(call("mcp__shelf__paint", owner="x")),
        says("Done."), model=model,
    )  # fmt: skip
    session = await here.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    for request in here.model.requests:
        check(sent(request) | {"max_tokens": 1_000}, Script(replies=()))
    words = [it["text"] for it in blocks(here.model.requests[-1]) if it["type"] == "text"]
    if model == SERVICE:
        assert any("mcp__shelf__paint: Paints a picture." in it for it in words), (
            "its words stand beside the results"
        )
    else:
        results = [it["content"] for it in blocks(here.model.requests[-1]) if it["type"] == "tool_result"]
        assert '"input_schema":{"type":"object"' in results[0]
        assert "from mcp shelf>" in results[0], "what a server says of itself is marked as its words"


async def test_a_result_that_fades_still_refers() -> None:
    here = world(says(call("find_tools", "c1", query="paint")), says("Done."))
    session = await here.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    (message,) = [it for it in session.state.conversation.messages if isinstance(it, ToolMessage)]
    faded = with_faded(message, {"c1": "It found a tool."})
    assert faded.results["c1"].references == ("mcp__shelf__paint",)
    assert faded.results["c1"].sources == message.results["c1"].sources, (
        "its tools are described there to some models"
    )


async def test_what_a_summary_has_taken_away_is_named_and_can_be_found_again() -> None:
    here = world(says(call("find_tools", query="paint")), says("One."))
    session = await here.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    upto = len(session.state.conversation.messages)
    compacted = Compacted(
        compaction_id="k", turn_id=None, step=1, upto=upto, kept="", summary="Summed up.", rest="",
        before=10, after=1, model=SERVICE, usage=Usage(),
    )  # fmt: skip
    records = [*here.journal.records, Recorded(here.journal.records[-1].seq + 1, 1.0, compacted)]
    state = fold(records)
    stable = prompt.prefix(["/project"], registry.schemas())
    request = prompt.request(state, stable, max_tokens=10)
    assert "find them again to use them: mcp__shelf__paint" in request.suffix
    assert (late(request), referred(request)) == (["paint"], [])
    again = [
        it for it in here.journal.records if isinstance(it.event, ModelReplied | ToolsMatched | CallFinished)
    ][:3]
    prompted = [it for it in here.journal.records if isinstance(it.event, PromptReceived | Routed)]
    at = records[-1].seq
    more = [Recorded(at + 1 + number, 1.0, it.event) for number, it in enumerate([*prompted, *again])]
    state = fold([*records, *more])
    request = prompt.request(state, stable, max_tokens=10)
    assert len(state.workflow.found) == 2
    assert (late(request), referred(request)) == (["paint"], ["mcp__shelf__paint"])
    assert "find them again" not in request.suffix


def body(*content: dict[str, Any], tools: Sequence[dict[str, Any]]) -> dict[str, Any]:
    calling: dict[str, Any] = {"type": "tool_use", "id": "c", "name": "find_tools", "input": {}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Go."},
        {"role": "assistant", "content": [calling]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": list(content)}]},
    ]
    return {"model": SERVICE, "max_tokens": 10, "messages": messages, "tools": list(tools)}


CORE = {"name": "find_tools", "description": "x" * 700, "input_schema": {"type": "object"}}
LATE = {"name": "late", "description": "y" * 700, "input_schema": {"type": "object"}, "defer_loading": True}
REFERENCE = {"type": "tool_reference", "tool_name": "late"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (body(REFERENCE, tools=[CORE]), "Tool reference 'late' not found"),
        (body(REFERENCE, {"type": "text", "text": "x"}, tools=[CORE, LATE]), "cannot be combined"),
        (body(REFERENCE, tools=[LATE]), "At least one tool"),
        (body(REFERENCE, tools=[CORE, LATE | {"cache_control": {"type": "ephemeral"}}]), "cannot have both"),
        (body(REFERENCE, tools=[CORE, LATE]) | {"model": "claude-haiku-4-5"}, "not supported"),
    ],
)
def test_the_scripted_service_refuses_what_the_real_one_does(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        check(wrong, Script(replies=()))


def test_a_late_tool_is_read_where_it_is_referred_to_and_nowhere_before() -> None:
    without, named = body(tools=[CORE]), body(REFERENCE, tools=[CORE, LATE])
    check(named, Script(replies=()))
    sizes = [measure(it, History(messages=list(it["messages"]))) for it in (without, named)]
    unread = body({"type": "text", "text": "nothing"}, tools=[CORE, LATE])
    assert abs(measure(unread, History(messages=list(unread["messages"]))) - sizes[0]) < 20
    assert sizes[1] - sizes[0] > 150


def test_of_one_tool_the_definition_that_was_found_last_counts() -> None:
    tools = [FoundTool(name="t", description=it, input_schema={}) for it in ("old", "new")]
    state = State.empty()
    state.workflow.found = tuple(LateTool(tool=it, seq=at, message=0) for at, it in enumerate(tools))
    assert [it.tool.description for it in in_force(state.workflow.found)] == ["new"]
