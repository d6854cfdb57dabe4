"""Agent types over the protocol: a session is begun as one, the types are listed, and a file of one is judged as it is typed."""

from __future__ import annotations

import pytest

from postil.core.events import AgentTypeInForce, ConfigurationInForce, PermissionDecided
from tests.support.lsp_client import Json
from tests.support.lsp_world import World

READER = (
    "---\nname: reader\ntitle: Reader\nwhen: To read.\ntools: [read]\nmode: plan\n---\nYour task: read.\n"
)


def begun(world: World, session_id: str) -> tuple[str, str, str]:
    """Return the type, the chosen mode and the held one that a session began with."""
    events = world.journal(session_id)
    (agent,) = [it for it in events if isinstance(it, AgentTypeInForce)]
    first = next(it for it in events if isinstance(it, ConfigurationInForce))
    assert first.agent_type == agent.name
    return agent.name, first.mode, first.held


async def test_a_session_is_begun_as_the_type_that_is_named(world: World) -> None:
    await world.play("One.", "Two.", "Three.")
    world.trust()
    world.file(".postil/agents/reader.md", READER)
    editor = await world.editor()
    made = await editor.request("postil/session/new", {"agent": "reader", "mode": "deny-all"})
    assert begun(world, made["sessionId"]) == ("reader", "deny-all", "plan")
    turn = await editor.request("postil/session/prompt", {"text": "Go.", "sessionId": made["sessionId"]})
    other = await editor.request("postil/session/prompt", {"text": "Go.", "agent": "explore"})
    assert turn["sessionId"] == made["sessionId"] != other["sessionId"]
    assert begun(world, other["sessionId"]) == ("explore", "default", "plan")
    plain = await editor.request("postil/session/prompt", {"text": "Go on."})
    assert plain["sessionId"] == other["sessionId"], "the one in use"


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("postil/session/new", {"agent": "gone"}, "There is no agent type 'gone'."),
        ("postil/session/new", {"agent": "wrong"}, "The agent type 'wrong' cannot be used"),
        ("postil/session/new", {"agent": "plan", "mode": "fast"}, "No mode 'fast'."),
        ("postil/session/prompt", {"text": "Go.", "agent": "gone"}, "There is no agent type 'gone'."),
        ("postil/session/prompt", {"text": "Go.", "agent": "plan", "sessionId": "s1"}, "a session keeps its own"),
    ],
)  # fmt: skip
async def test_what_cannot_be_had_is_an_error_and_no_session(
    method: str, params: Json, says: str, world: World
) -> None:
    world.trust()
    world.file(".postil/agents/wrong.md", READER)
    editor = await world.editor()
    _, message = await editor.fails(method, params)
    assert says in message
    assert (await editor.command("postil.server.session.list"))["sessions"] == []


async def test_the_types_are_listed_with_what_is_wrong(world: World) -> None:
    world.trust()
    world.file(".postil/agents/reader.md", READER)
    wrong = world.file(".postil/agents/wrong.md", READER)
    editor = await world.editor()
    found = await editor.command("postil.server.agents")
    names = [it["name"] for it in found["types"]]
    assert names == ["build", "explore", "guide", "plan", "review", "verify", "reader"]
    assert [it["default"] for it in found["types"]] == [True] + [False] * 6
    assert found["types"][-1]["tools"] == ["read"]
    (fault,) = found["faults"]
    assert (fault["file"], fault["line"]) == (str(wrong), 2)


async def test_a_file_of_a_type_is_judged_as_it_is_typed(world: World) -> None:
    editor = await world.editor()
    buffer = editor.open(world.file(".postil/agents/reader.md", READER.replace("[read]", "[read, fly]")))
    elsewhere = editor.open(world.file("agents/other.md", "Words.\n"))

    def said() -> list[tuple[int, str, str]]:
        now = editor.diagnostics.get(buffer.uri, [])
        return [(it["range"]["start"]["line"], it["code"], it["message"]) for it in now]

    await editor.until(lambda: bool(said()))
    assert said() == [(4, "agent-type", "there is no tool 'fly'; `postil tools` lists them.")]
    start = buffer.text.index(", fly") - buffer.text.index("tools:")
    span = {"start": {"line": 4, "character": start}, "end": {"line": 4, "character": start + len(", fly")}}
    editor.change(buffer, [{"range": span, "newText": ""}])()
    await editor.until(lambda: not said())
    assert not editor.diagnostics.get(elsewhere.uri)


async def test_leaving_plan_mode_is_one_quiet_question(world: World) -> None:
    plan = {"when": {"after": "prompt"}, "tool": "propose_plan", "input": {"plan": "1. Change `a.py`."}}
    await world.play(plan, {"when": {"after": "results"}, "text": "Done."})
    world.trust()
    editor = await world.editor("neovim", ours=False)
    buffer = editor.open(world.file("a.py", "x = 1\n"))
    turn = await editor.command("postil.server.session.prompt", {"text": "Plan it.", "agent": "plan"})
    await editor.until(lambda: bool(editor.questions()))
    (question,) = [it for _, it in editor.questions()]
    assert question["message"].startswith("Postil asks to leave plan mode")
    assert "1. Change `a.py`." in question["message"]
    await editor.answer("Allow once")
    await editor.until(lambda: not editor.questions())
    await editor.until(lambda: [it.held for it in _configurations(world, turn["sessionId"])] == ["plan", ""])
    (decided,) = [it for it in world.journal(turn["sessionId"]) if isinstance(it, PermissionDecided)]
    assert (decided.decision, decided.by, decided.face) == ("allow", "person", "lsp:Neovim")
    assert buffer.text == "x = 1\n"


def _configurations(world: World, session_id: str) -> list[ConfigurationInForce]:
    return [it for it in world.journal(session_id) if isinstance(it, ConfigurationInForce)]
