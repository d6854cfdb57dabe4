"""The request: what comes first stays the same byte for byte, what changes comes last."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict

from postil.context.prompt import NOT_TRUSTED, Now, changing, prefix, request
from postil.context.sections import in_order
from postil.core.effects import TodoItem
from postil.core.events import ConfigurationInForce, Limits, PromptReceived, Recorded, Routed, TodoUpdated
from postil.core.fold import apply
from postil.core.ports import ModelRequest
from postil.core.state import State
from postil.core.submissions import Prompt, SetMode
from postil.tools.registry import Registry
from tests.support.agent_world import World
from tests.support.fake_model import call, says


def frozen(sent: ModelRequest) -> bytes:
    """Return the part that the service caches, as bytes."""
    return json.dumps([sent.model, sent.system, [asdict(tool) for tool in sent.tools]]).encode()


def messages(sent: ModelRequest) -> list[str]:
    return [message.model_dump_json() for message in sent.messages]


async def test_requests_of_a_session_share_their_beginning_byte_for_byte() -> None:
    plays = [
        says(call("read", path="a.py"), call("todo", items=[{"text": "Look"}])),
        says("One."),
        says(call("write", path="b.py", content="x")),
        says("Two."),
    ]
    world = World(plays, {"a.py": "x = 1\n"})
    session = await world.start()
    await session.prompt(Prompt("First."))
    await session.idle()
    await session.set_mode(SetMode("accept-edits"))
    await session.prompt(Prompt("Second."))
    await session.idle()
    before = world.model.requests
    assert len({frozen(sent) for sent in before}) == 1
    for earlier, later in itertools.pairwise(before):
        assert messages(later)[: len(earlier.messages)] == messages(earlier)
    suffixes = [sent.suffix for sent in before]
    assert suffixes[0] == ""
    assert "- [pending] Look" in suffixes[1]
    assert suffixes[2].startswith("<now>\nPermission mode: accept-edits.")
    session = await world.reopen()
    world.model.plays = [*plays, says("Three.")]
    await session.prompt(Prompt("Third."))
    await session.idle()
    assert frozen(world.model.requests[0]) == frozen(before[0]), "another process, the same bytes"
    assert messages(world.model.requests[0])[: len(before[-1].messages)] == messages(before[-1])


def test_tools_are_in_order_and_the_same_in_every_process() -> None:
    one, other = (prefix(["/p"], Registry.collect().schemas()) for _ in range(2))
    assert one == other
    assert [tool.name for tool in one.tools] == sorted(tool.name for tool in one.tools)
    assert one.system[1].text.endswith("\n- /p")


def test_sections_stand_in_one_order_and_those_without_a_text_are_left_out() -> None:
    stable = prefix(["/p"], (), "Write tests.\n- the parser is old")
    assert [it.name for it in stable.system] == ["identity", "workspace", "memory"]
    assert all(it.stable for it in stable.system)
    assert list(stable.digests) == ["tools", "identity", "agent", "workspace", "memory", "skills"]
    whole = prefix(["/p"], (), "Write tests.", agent="Your task: read.", skills="Skills\n- docs: d")
    assert [it.name for it in whole.system] == ["identity", "agent", "workspace", "memory", "skills"]
    assert [it.name for it in prefix(["/p"], ()).system] == ["identity", "workspace"]
    assert [it.name for it in in_order({"memory": "m", "identity": "i", "workspace": " "})] == [
        "identity",
        "memory",
    ]


def test_only_so_many_open_files_are_named() -> None:
    (shown,) = changing(State.empty(), Now(open=[f"{number}.py" for number in range(22)]))
    assert shown.text.endswith("19.py and 2 more.")
    assert (shown.name, shown.stable) == ("open files", False)


def test_what_is_true_just_now_comes_last_and_only_where_there_is_something() -> None:
    state = State.empty()
    stable = prefix(["/p"], ())
    assert request(state, stable, max_tokens=5).suffix == ""
    configuration = ConfigurationInForce(
        agent_type="build", mode="plan", model="m", tools=(), limits=Limits(), trusted=False, cause="start"
    )
    events = (
        configuration,
        PromptReceived(turn_id="t", text="Go.", face="test"),
        Routed(turn_id="t", agent_type="build", model="m", pool=(), why=""),
        TodoUpdated(turn_id="t", items=(TodoItem(text="Look", status="completed"),)),
    )
    for seq, event in enumerate(events, 1):
        apply(state, Recorded(seq, 0.0, event))
    now = Now(date="2026-11-22", unsaved=["a.py", "b.py"], open=["c.py"], problems="c.py has 2 errors.")
    sent = request(state, stable, max_tokens=5, now=now)
    lines = (
        "Today is 2026-11-22.",
        "Permission mode: plan.",
        NOT_TRUSTED,
        "Open with unsaved text: a.py, b.py.",
        "Open in the editor: c.py.",
        "c.py has 2 errors.",
        "Plan:",
        "- [completed] Look",
    )
    assert sent.suffix == "<now>\n" + "\n".join(lines) + "\n</now>"
    assert (sent.model, sent.max_tokens, len(sent.messages)) == ("m", 5, 1)
