"""Sixty steps, with a changed mode, a tool that is found and a restart on the way: every request begins with the same bytes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from postil.context import prompt
from postil.context.prompt import Now, Prefix
from postil.context.sections import STABLE
from postil.core.events import CallFinished, PrefixChanged
from postil.core.ports import ModelRequest, ToolSchema
from postil.core.state import State
from postil.core.submissions import Prompt, SetMode
from postil.model.wire import Wire
from postil.tools.registry import Registry
from tests.support.agent_world import World
from tests.support.asking import desk
from tests.support.fake_model import Play, call, says
from tests.support.few_tools import registry
from tests.support.shelf import Shelf, echo, many

STEPS = 60
FINDS = 30
"""The step that searches for a tool."""
LATE = echo("late", "Found on the way.")
NAME = LATE.spec.name
MODELS = ("claude-sonnet-5-5", "fake")
"""One that takes references to tools, and one that does not."""
ROOTS = ["/project"]
MESSAGES = b',"messages":['
BREAKPOINT = b'"cache_control"'


def schemas(count: int) -> tuple[ToolSchema, ...]:
    shape = {"type": "object", "properties": {"path": {"type": "string", "description": "Wörter"}}}
    return tuple(ToolSchema(f"tool_{number:03}", f"Does {number}.", shape) for number in range(count))


def beginning(request: ModelRequest) -> bytes:
    """Return the bytes that the service caches before the conversation, as a process without any memory sends them."""
    raw = Wire().encode(request)
    head, end = raw[: raw.index(MESSAGES)], b'"cache_control":{"type":"ephemeral"}}'
    tools = head[head.index(b'"tools":[') : head.index(end) + len(end)] if request.tools else b""
    return request.model.encode() + tools + head[head.index(b'"system":[') :]


class Requests:
    """Builds a session's requests; at one step on, some section may be another, or a late tool may be there."""

    def __init__(self, stable: Prefix, other: Prefix | None = None) -> None:
        self.stable, self.other = stable, other or stable
        self.other_from = STEPS + 1
        self.count = 0

    async def __call__(self, state: State) -> ModelRequest:
        self.count += 1
        stable = self.other if self.count >= self.other_from else self.stable
        now = Now(date=f"2026-11-{self.count % 28 + 1:02}", open=[f"{self.count}.py"])
        return prompt.request(state, stable, max_tokens=1_000, now=now)


def played(number: int) -> Play:
    """Return what the model says at a step."""
    if number == FINDS:
        return says(call("find_tools", query="found on the way", most=1))
    if number in (FINDS + 1, STEPS - 1):
        return says(call(NAME, owner=f"step {number}"))
    return says(call("todo", items=[{"text": f"step {number}"}])) if number % 20 else says("Done.")


async def sixty(
    requests: Requests, tools: Registry = registry, model: str = MODELS[0], *, interrupt: bool = True
) -> tuple[World, list[ModelRequest]]:
    """Play three turns of twenty steps: the mode changes after the first, the process after the second."""
    steps = [played(number) for number in range(1, STEPS + 1)]
    world = World(
        steps, {"a.py": "x = 1\n"}, request=requests, tools=tools, model_name=model, rules=("Mcp(shelf/*)",)
    )
    session = await world.start()
    await session.prompt(Prompt("First."))
    await session.idle()
    if interrupt:
        await session.set_mode(SetMode("accept-edits"))
    await session.prompt(Prompt("Second."))
    await session.idle()
    sent = world.model.requests
    session = await world.reopen()
    await session.prompt(Prompt("Third."))
    await session.idle()
    return world, [*sent, *world.model.requests]


def identical(sent: Sequence[ModelRequest]) -> int:
    """Return how many of the requests begin with the bytes of the one before."""
    return sum(beginning(one) == beginning(other) for one, other in itertools.pairwise(sent))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [0, 50, 500])
async def test_every_request_of_sixty_begins_with_the_same_bytes(count: int, model: str) -> None:
    tools = registry.with_plugins(Shelf([LATE, *many(count)]))
    core = tools.schemas(references=model == MODELS[0])
    requests = Requests(prompt.prefix(ROOTS, core, "Be exact.\n- a note"))
    world, sent = await sixty(requests, tools, model)
    assert len(sent) == STEPS
    assert identical(sent) == STEPS - 1
    assert len({it.suffix for it in sent}) > STEPS / 2, "what is true just now did change"
    assert [len(it.late) for it in sent] == [0] * FINDS + [1] * (STEPS - FINDS), (
        "from its search on, restart or not"
    )
    assert all(1 <= Wire().encode(it).count(BREAKPOINT) <= 4 for it in sent)
    assert [it.why for it in world.events(PrefixChanged)] == ["the session's first request"]
    used = [it for it in world.events(CallFinished) if it.tool == NAME]
    assert [(it.outcome, it.content) for it in used] == [
        ("completed", '{"owner": "step 31"}'),
        ("completed", '{"owner": "step 59"}'),
    ]
    whole = Wire().encode(sent[-1])
    if model == MODELS[0]:
        assert whole.count(b'{"type":"tool_reference","tool_name":"%s"}' % NAME.encode()) == 1
        assert whole.count(b'"defer_loading":true') == 1
    else:
        assert b"tool_reference" not in whole
        assert b"defer_loading" not in whole
        assert whole.count(b"Use them through `use_tool`") == 1
    print(
        f"\n{count} tools: {identical(sent)} of {STEPS - 1} beginnings identical, {len(beginning(sent[0]))} bytes"
    )


Other = Callable[[pytest.MonkeyPatch], Prefix]
TOOLS = schemas(3)


def _with_identity(patch: pytest.MonkeyPatch) -> Prefix:
    with patch.context() as within:
        within.setattr(prompt, "_identity", lambda: "You are another.")
        return prompt.prefix(ROOTS, TOOLS)


OTHERS: dict[str, Other] = {
    "tools": lambda _: prompt.prefix(ROOTS, (*TOOLS[:2], LATE.schema())),
    "identity": _with_identity,
    "agent": lambda _: prompt.prefix(ROOTS, TOOLS, agent="Your task: read."),
    "workspace": lambda _: prompt.prefix([*ROOTS, "/more"], TOOLS),
    "memory": lambda _: prompt.prefix(ROOTS, TOOLS, "- a note"),
    "skills": lambda _: prompt.prefix(ROOTS, TOOLS, skills="Skills\n- docs: Writes docs."),
}


def test_every_section_before_the_boundary_is_broken_below() -> None:
    assert {*OTHERS, "model"} == set(STABLE)


@pytest.mark.parametrize("section", OTHERS)
async def test_a_section_that_breaks_the_beginning_is_noticed_and_named(
    section: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = Requests(prompt.prefix(ROOTS, TOOLS), OTHERS[section](monkeypatch))
    requests.other_from = 7
    world, sent = await sixty(requests)
    assert identical(sent) == STEPS - 2
    first, changed = world.events(PrefixChanged)
    assert (changed.changed, changed.step) == ((section,), 7)
    assert changed.digests != first.digests
    assert changed.why == (f"tools added: {NAME}, gone: tool_002" if section == "tools" else changed.why)


async def test_tools_in_another_order_are_another_beginning() -> None:
    requests = Requests(prompt.prefix(ROOTS, TOOLS), prompt.prefix(ROOTS, TOOLS[::-1]))
    requests.other_from = 2
    world, _ = await sixty(requests, interrupt=False)
    assert world.events(PrefixChanged)[1].why == "the tools are in another order"


async def test_processes_and_sessions_of_a_workspace_send_the_same_beginning(tmp_path: Path) -> None:
    async with desk(tmp_path, ["One.", "Two.", "Three."]) as place:
        first = await place.ask("Hello.")
        await place.ask("--resume", "latest", "--mode", "plan", "Again.")
        other = await place.ask("Another session.")
        session_id = first.lines[0]["sessionId"]
        assert other.lines[0]["sessionId"] != session_id
        sent = [(it.body["tools"], it.body["system"]) for it in place.server.requests]
        assert len(sent) == 3
        assert len({json.dumps(it) for it in sent}) == 1
        record = await place.record(session_id)
        assert len([it for it in record.events if isinstance(it.event, PrefixChanged)]) == 1
