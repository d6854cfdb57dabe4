"""The main job by the public SDK's own client, against a real process: from the prompt to the end of the turn."""

from __future__ import annotations

from pathlib import Path

from acp.schema import (
    AgentMessageChunk,
    AgentPlanUpdate,
    AgentThoughtChunk,
    AvailableCommandsUpdate,
    CurrentModeUpdate,
    EmbeddedResourceContentBlock,
    ResourceContentBlock,
    SessionInfoUpdate,
    TextContentBlock,
    TextResourceContents,
    UsageUpdate,
)

from postil.core.events import FileChanged, PermissionDecided, PromptReceived
from tests.editors.acp.desk import AcpDesk
from tests.editors.acp.person import Person

FIX = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}
REPLIES = (
    {
        "blocks": [
            {"thinking": "It subtracts."},
            {"text": "I look at it. " * 20},
            {"tool": "read", "input": {"path": "app.py"}},
            {"tool": "todo", "input": {"items": [{"text": "mend add", "status": "in_progress"}]}},
        ]
    },
    {"when": {"tool": "todo"}, "blocks": [{"text": "Now the edit."}, {"tool": "edit", "input": FIX}]},
    {"when": {"tool": "edit"}, "blocks": [{"text": "Fixed."}]},
)


async def test_from_the_prompt_to_the_end_of_the_turn(desk: AcpDesk) -> None:
    await desk.play(*REPLIES)
    async with desk.agent() as agent:
        person, path = agent.person, desk.root / "app.py"
        made = await agent.new(desk.root)
        assert made.modes.current_mode_id == "default"
        turn = agent.asks("Mend add.")

        asked = await person.question()
        assert asked.call.title == f"Edit this file?: {path}"
        assert asked.ids == ["allow_once", "allow_session", "reject_once"]
        assert [it.kind for it in asked.options] == ["allow_once", "allow_always", "reject_once"]
        shown = asked.call.model_dump_json()
        assert "-    return a - b" in shown
        assert "+    return a + b" in shown
        assert path.read_text() == "def add(a, b):\n    return a - b\n"
        asked.choose("allow_once")
        ended = await turn

    assert ended.stop_reason == "end_turn"
    assert ended.usage is not None
    assert ended.usage.total_tokens > 0
    assert path.read_text() == "def add(a, b):\n    return a + b\n"
    assert person.writes == [(path, "def add(a, b):\n    return a + b\n")]

    check_calls(person, path)
    check_words(person)
    (decided,) = [it for it in desk.events(agent.session_id, PermissionDecided) if it.by == "person"]
    assert (decided.decision, decided.face, decided.option_id) == ("allow", "acp", "allow_once")
    (changed,) = desk.events(agent.session_id, FileChanged)
    assert changed.where == "buffer"


def check_calls(person: Person, path: Path) -> None:
    read, edit = person.call("Read app.py"), person.call("Edit app.py")
    assert (read["kind"], read["statuses"]) == ("read", ["pending", "in_progress", "completed"])
    assert read["locations"] == [{"path": str(path)}]
    assert (edit["kind"], edit["statuses"]) == ("edit", ["pending", "in_progress", "completed"])
    (diff,) = edit["content"]
    assert (diff["type"], diff["path"]) == ("diff", str(path))
    assert diff["old_text"] == "def add(a, b):\n    return a - b\n"
    assert diff["new_text"] == "def add(a, b):\n    return a + b\n"


def check_words(person: Person) -> None:
    assert person.updates(AgentThoughtChunk)[0].content.text.startswith("It ")
    chunks = [it for it in person.updates(AgentMessageChunk) if it.message_id]
    assert len({it.message_id for it in chunks}) == 3, "a message for each reply"
    assert person.says == "I look at it. " * 20 + "Now the edit." + "Fixed."
    (plan,) = person.updates(AgentPlanUpdate)
    assert [(it.content, it.status) for it in plan.entries] == [("mend add", "in_progress")]
    assert person.updates(SessionInfoUpdate)[0].title == "Mend add."
    assert person.updates(UsageUpdate)[-1].size > 0
    assert [it.current_mode_id for it in person.updates(CurrentModeUpdate)] == ["default"]
    commands = person.updates(AvailableCommandsUpdate)[-1].available_commands
    assert {"resume", "compact", "undo"} <= {it.name for it in commands}


async def test_a_reply_is_told_while_it_comes(desk: AcpDesk) -> None:
    await desk.play({"text": "One two three four five six seven.", "chunk": 4, "stall": 3})
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Count.")
        await agent.person.until(lambda: agent.person.says == "One two thre")
        assert not turn.done()
        await agent.connection.cancel(session_id=agent.session_id)
        assert (await turn).stop_reason == "cancelled"


async def test_links_are_mentions_and_attached_text_is_attached(desk: AcpDesk) -> None:
    desk.world.file("notes/a b.md", "spaces\n")
    await desk.play("Seen.")
    blocks = [
        TextContentBlock(type="text", text="Look at"),
        ResourceContentBlock(type="resource_link", name="app.py", uri=f"file://{desk.root}/app.py#L2"),
        ResourceContentBlock(type="resource_link", name="a b.md", uri=f"file://{desk.root}/notes/a%20b.md"),
        EmbeddedResourceContentBlock(
            type="resource",
            resource=TextResourceContents(uri=f"file://{desk.root}/app.py#L1-2", text="UNSAVED WORDS"),
        ),
    ]
    async with desk.agent() as agent:
        await agent.new(desk.root)
        await agent.prompt(blocks)
    (prompt,) = desk.events(agent.session_id, PromptReceived)
    assert prompt.text == "Look at @app.py:2 `notes/a b.md` `app.py`"
    assert [(it.kind, it.path, it.first_line, it.last_line) for it in prompt.context] == [
        ("selection", "app.py", 1, 2),
        ("file", "app.py", 2, 2),
    ]
    assert "UNSAVED WORDS" in desk.asked()[0]
    assert "return a - b" in desk.asked()[0]


async def test_two_sessions_of_one_workspace(desk: AcpDesk) -> None:
    await desk.play("One.", "Two.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        assert (await agent.connection.list_sessions(cwd=str(desk.root))).sessions == [], (
            "nothing is on record yet"
        )
        first = agent.session_id
        await agent.prompt("First.")
        await agent.new(desk.root)
        await agent.prompt("Second.")
        found = await agent.connection.list_sessions(cwd=str(desk.root))
        assert [(it.session_id, it.title) for it in found.sessions] == [
            (agent.session_id, "Second."),
            (first, "First."),
        ]
        by_session = {it: [u for s, u in agent.person.told if s == it] for it in (first, agent.session_id)}
        assert "One." in str(by_session[first])
        assert "Two." not in str(by_session[first])
