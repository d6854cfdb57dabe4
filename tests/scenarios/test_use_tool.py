"""What is used through `use_tool` is the call itself, for hooks, skills, rules and the record; the model keeps what it wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import CallFinished, CallStarted, FileChanged, PermissionDecided
from postil.core.hooks import Hook
from postil.core.messages import AssistantMessage, ToolCall, ToolMessage
from postil.core.submissions import Prompt
from postil.journal.invariants import Structure
from postil.memory.cold import session_document
from postil.model.wire import Wire
from postil.permissions.rule import parse
from postil.tools.registry import Registry
from postil.tools.skills.library import Library
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import Play, call
from tests.support.fake_model import says as replies
from tests.support.hooking import MemoryHooks, Says, hook, says
from tests.support.house import house, tools_of
from tests.support.shelf import Shelf, echo
from tests.support.sub_agents import calls, ended, one, run, settings

INNER = "mcp__shelf__late"
FILES = {"a.py": "x = 1\n"}


def through(call_id: str, name: Any, **given: Any) -> ToolCall:
    return call("use_tool", call_id, name=name, input=given)


def world(
    plays: Sequence[Play],
    hooks: Sequence[Hook] = (),
    answers: dict[str, Says] | None = None,
    allow: Sequence[str] = ("Mcp(shelf/*)",),
) -> tuple[World, MemoryHooks]:
    runner = MemoryHooks(answers or {})
    tools = Registry.collect().with_plugins(Shelf([echo("late", "Found on the way.")]))
    made = World(plays, FILES, hooks=tuple(hooks), hook_runner=runner, tools=tools, interactive=False)
    made.standing.fixed = [parse(it, "allow", "user") for it in allow]
    return made, runner


async def turn(made: World) -> dict[str, CallFinished]:
    """Run a turn, hold its record to what always holds, and return how its calls ended."""
    session = await made.start()
    await session.prompt(Prompt("Go."))
    await session.idle()
    check_ended(made.journal.records, session.state)
    structure = Structure()
    assert [what for it in made.journal.records for what in structure.take(it.event)] == []  # type: ignore[arg-type] - no event is unknown
    return {it.call_id: it for it in made.events(CallFinished)}


def denies(_: dict[str, Any]) -> Any:
    return says("PreToolUse", permissionDecision="deny", permissionDecisionReason="not that one")


async def test_hooks_are_about_the_tool_that_is_used() -> None:
    plays = [replies(through("c1", INNER, owner="me")), replies("Ok.")]
    made, runner = world(
        plays, [hook("PreToolUse", matcher="mcp__shelf__.*"), hook("PostToolUse", "after", INNER)]
    )
    found = await turn(made)
    assert (found["c1"].tool, found["c1"].outcome, found["c1"].content) == (
        INNER,
        "completed",
        '{"owner": "me"}',
    )
    assert [(it["hook_event_name"], it["tool_name"], it["tool_input"]) for _, it in runner.runs] == [
        ("PreToolUse", INNER, {"owner": "me"}),
        ("PostToolUse", INNER, {"owner": "me"}),
    ]
    assert [it.tool for it in made.events(CallStarted)] == [INNER]


async def test_a_hook_that_denies_a_tool_denies_it_through_another_one_as_well() -> None:
    plays = [
        replies(through("c1", INNER, owner="me"), through("c2", "write", path="b.py", content="")),
        replies("Ok."),
    ]
    hooks = [hook("PreToolUse", "look", INNER), hook("PreToolUse", "look", "Write")]
    made, _ = world(plays, hooks, {"look": denies}, ("Mcp(shelf/*)", "Edit"))
    found = await turn(made)
    assert {key: it.outcome for key, it in found.items()} == {"c1": "denied", "c2": "denied"}
    assert "not that one" in found["c1"].content
    assert made.events(CallStarted) == []
    assert made.events(FileChanged) == []


async def test_an_input_that_a_hook_changes_is_that_of_the_tool_that_is_used() -> None:
    def safer(given: dict[str, Any]) -> Any:
        changed = {"owner": "nobody"}
        return says("PreToolUse", **({} if given["tool_input"] == changed else {"updatedInput": changed}))

    plays = [replies(through("c1", INNER, owner="me")), replies("Ok.")]
    made, runner = world(plays, [hook("PreToolUse")], {"look": safer})
    found = await turn(made)
    assert found["c1"].content == '{"owner": "nobody"}'
    assert [it["tool_input"] for _, it in runner.runs] == [{"owner": "me"}, {"owner": "nobody"}]


async def test_the_model_keeps_what_it_wrote_byte_for_byte() -> None:
    plays = [
        replies(through("c1", INNER, owner="me")),
        replies(through("c2", "todo", items=[])),
        replies("Ok."),
    ]
    made, _ = world(plays)
    await turn(made)
    *_, last = made.model.requests
    written = [
        it for message in last.messages if isinstance(message, AssistantMessage) for it in message.written
    ]
    assert written == [it for play in plays[:2] for it in play.pieces]
    raw = [Wire().encode(it) for it in made.model.requests]
    block = b'{"type":"tool_use","id":"c1","name":"use_tool","input":{"name":"%s","input":{"owner":"me"}}}'
    assert block % INNER.encode() in raw[1]
    assert block % INNER.encode() in raw[2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"input": {}}, "`name` is missing"),
        ({"name": INNER, "input": "{}"}, "`input` should be an object"),
        ({"name": INNER, "given": {}}, "there is no field `given`"),
        ({"name": "use_tool", "input": {"name": INNER}}, "does not use itself"),
        ({"name": "a b"}, "There is no tool named `a b` here."),
        ({"name": "flies"}, "There is no tool named `flies` here."),
    ],
    ids=str,
)
async def test_what_names_no_tool_is_an_error_that_says_what_is_wrong(
    given: dict[str, Any], said: str
) -> None:
    made, runner = world(
        [replies(ToolCall(id="c1", name="use_tool", input=given)), replies("Ok.")], [hook("PreToolUse")]
    )
    found = await turn(made)
    assert found["c1"].outcome == "failed"
    assert said in found["c1"].content
    assert runner.runs == []


async def test_a_tool_is_decided_about_by_its_own_rules_whatever_way_it_is_called() -> None:
    both = [through("c1", "shell", command="make"), call("shell", "c2", command="make")]
    made, _ = world([replies(*both), replies("Ok.")], allow=())
    found = await turn(made)
    assert found["c1"].outcome == found["c2"].outcome == "denied"
    assert found["c1"].content == found["c2"].content
    one_way, other_way = made.events(PermissionDecided)
    assert (one_way.subject, one_way.why, one_way.fingerprint) == (
        other_way.subject, other_way.why, other_way.fingerprint,
    )  # fmt: skip


FRONT = "---\nname: docs\ndescription: Does docs.\nallowed-tools: {0}\n---\nFirst look.\n"


@pytest.mark.parametrize(
    ("allowed", "outcome"),
    [
        ("Read use_tool", "denied"),
        (f"Read {INNER}", "completed"),
        ("Bash(make:*) mcp__shelf__other", "denied"),
    ],
)
async def test_what_a_skill_leaves_out_is_left_out_through_another_tool_as_well(
    tmp_path: Path, allowed: str, outcome: str
) -> None:
    file = tmp_path / "home/.agents/skills/docs/SKILL.md"
    file.parent.mkdir(parents=True)
    file.write_text(FRONT.format(allowed))
    plays = [
        replies(call("skill", "k1", name="docs")), replies(through("c1", INNER, owner="me")), replies("Ok."),
    ]  # fmt: skip
    made, _ = world(plays, allow=("Mcp(shelf/*)", "Skill(docs)"))
    made.skills = Library([tmp_path], tmp_path / "home", "key")
    found = await turn(made)
    assert found["c1"].outcome == outcome
    if outcome == "denied":
        assert f"leaves out `{INNER}`" in found["c1"].content


@pytest.mark.parametrize("wrapped", [True, False])
async def test_what_a_hook_makes_of_a_call_is_held_against_the_skill_too(
    tmp_path: Path, wrapped: bool
) -> None:
    file = tmp_path / "home/.agents/skills/docs/SKILL.md"
    file.parent.mkdir(parents=True)
    file.write_text(FRONT.format("Bash(make:*)"))
    wanted = {"command": "make all"}
    used = through("c1", "shell", **wanted) if wrapped else call("shell", "c1", **wanted)

    def other(given: dict[str, Any]) -> Any:
        changes = {"updatedInput": {"command": "npm test"}} if given["tool_input"] == wanted else {}
        return says("PreToolUse", **changes)

    plays = [replies(call("skill", "k1", name="docs")), replies(used), replies("Ok.")]
    made, _ = world(plays, [hook("PreToolUse", matcher="Bash")], {"look": other}, ("Bash", "Skill(docs)"))
    made.skills = Library([tmp_path], tmp_path / "home", "key")
    found = await turn(made)
    assert found["c1"].outcome == "denied"
    assert "means only Bash(make:*)" in found["c1"].content
    assert made.shell.commands == []


def test_what_was_remembered_through_it_is_no_part_of_what_a_session_is_found_by() -> None:
    note = {"topic": "keys", "heading": "Keys", "text": "aardvark"}
    messages = (
        AssistantMessage(content=(through("c1", "remember", **note), through("c2", INNER, owner="me"))),
        ToolMessage(call_ids=("c1", "c2")),
    )
    text = "\n".join(session_document("s1", "", messages).chunks)
    assert "aardvark" not in text
    assert INNER in text


@pytest.mark.parametrize(
    ("model", "shown", "outcome"),
    [("claude-haiku-4-5", True, "completed"), ("claude-sonnet-5-5", False, "denied")],
)
async def test_a_session_has_it_where_its_model_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, shown: bool, outcome: str
) -> None:
    used = {"tool": "use_tool", "id": "c1", "input": {"name": "manual", "input": {"words": "plan mode"}}}
    async with house(tmp_path, [{"blocks": [used]}, "Done."], monkeypatch, model=model) as place:
        await place.turn(await place.begin())
        assert ("use_tool" in tools_of(place.server.requests[0])) is shown
        assert ended(place, "c1").outcome == outcome
        if outcome == "denied":
            assert "`use_tool` is not among the tools of the agent type build" in ended(place, "c1").content
        bodies = [json.dumps(it.body["messages"]) for it in place.server.requests]
        assert '"name": "use_tool"' in bodies[-1]


async def test_a_sub_agent_does_not_get_around_a_hook_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "echo 'Not here.' >&2; exit 2"
    settings(
        tmp_path,
        f"allow = ['Edit']\n[[hooks.PreToolUse]]\nmatcher = 'Write'\nhooks = [{{ command = '''{line}''' }}]\n",
    )
    script = one(calls("use_tool", "w1", name="write", input={"path": "n.py", "content": ""}))
    async with house(tmp_path, script, monkeypatch, model="claude-haiku-4-5") as place:
        await run(place)
        assert (ended(place, "w1").tool, ended(place, "w1").outcome) == ("write", "denied")
        assert "Not here." in ended(place, "w1").content
        assert place.texts() == {}
