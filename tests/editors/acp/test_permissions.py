"""Permission requests: each answer, none, and one that a client cannot give."""

from __future__ import annotations

import pytest

from postil.core.events import (
    GrantAdded,
    PermissionAsked,
    PermissionDecided,
    PromptQueued,
    PromptReceived,
    QuestionAsked,
)
from tests.editors.acp.desk import AcpDesk
from tests.editors.acp.person import Asked

ONCE = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}
AGAIN = {"path": "app.py", "edits": [{"old": "a + b", "new": "b + a"}]}
BEFORE = "def add(a, b):\n    return a - b\n"


def two_edits() -> tuple[dict[str, object], ...]:
    return (
        {"when": {"after": "prompt"}, "tool": "edit", "input": ONCE},
        {"tool": "edit", "input": AGAIN},
        {"text": "Done."},
    )


async def test_allowed_for_the_session_is_a_grant_and_is_asked_once(desk: AcpDesk) -> None:
    desk.world.trust()
    await desk.play(*two_edits())
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Edit it.")
        (await agent.person.question()).choose("allow_session")
        assert (await turn).stop_reason == "end_turn"
        assert not agent.person.asked
    (granted,) = desk.events(agent.session_id, GrantAdded)
    assert granted.scope == "session"
    assert len(desk.events(agent.session_id, PermissionAsked)) == 1
    assert (desk.root / "app.py").read_text().endswith("b + a\n")


def deny(asked: Asked) -> None:
    asked.choose("reject_once")


def unknown(asked: Asked) -> None:
    asked.choose("allow_everything")


@pytest.mark.parametrize("answer", [deny, Asked.dismiss, Asked.fail, unknown])
async def test_what_is_no_yes_is_a_denial(desk: AcpDesk, answer: object) -> None:
    await desk.play({"tool": "edit", "input": ONCE}, {"when": {"tool": "edit"}, "text": "As you wish."})
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Edit it.")
        assert callable(answer)
        answer(await agent.person.question())
        assert (await turn).stop_reason == "end_turn"
        call = agent.person.call("Edit app.py")
        assert call["statuses"] == ["pending", "failed"]
        assert agent.person.says == "As you wish."
    decided = desk.events(agent.session_id, PermissionDecided)[-1]
    assert (decided.decision, decided.by) == ("deny", "person")
    assert (desk.root / "app.py").read_text() == BEFORE
    assert agent.person.writes == []


async def test_a_question_of_the_model_is_answered(desk: AcpDesk) -> None:
    ask = {"question": "Which one?", "options": ["the first", "the second"]}
    await desk.play({"tool": "ask_user", "input": ask}, "I see.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Ask me.")
        asked = await agent.person.question()
        assert [it.name for it in asked.options] == ["the first", "the second"]
        assert "Which one?" in asked.call.model_dump_json()
        asked.choose(asked.ids[1])
        await turn
    assert "The user answered: the second" in desk.asked()[1]


async def test_whether_a_folder_is_trusted_is_not_a_clients_to_say(desk: AcpDesk) -> None:
    """A client may answer by itself; trust takes a person's word."""
    await desk.play(
        {"tool": "shell", "input": {"command": "git status"}}, {"when": {"tool": "shell"}, "text": "Well."}
    )
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Look at git.")
        asked = await agent.person.question()
        assert asked.call.title is not None
        assert asked.call.title.startswith("Run this command?")
        asked.choose("reject_once")
        await turn
        assert "postil trust allow" in agent.person.says
        assert not agent.person.asked
    assert [it.question.kind for it in desk.events(agent.session_id, QuestionAsked)] == ["trust"]


async def test_cancelling_takes_the_question_back(desk: AcpDesk) -> None:
    await desk.play({"tool": "edit", "input": ONCE}, "Never said.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Edit it.")
        asked = await agent.person.question()
        await agent.connection.cancel(session_id=agent.session_id)
        assert (await turn).stop_reason == "cancelled"
        asked.choose("allow_once")  # too late
        found = await agent.connection.list_sessions(cwd=str(desk.root))
        assert len(found.sessions) == 1, "and nothing has come of that"
    assert (desk.root / "app.py").read_text() == BEFORE
    assert not [it for it in desk.events(agent.session_id, PermissionDecided) if it.decision == "allow"]


async def test_cancelling_drops_what_waits_and_answers_it(desk: AcpDesk) -> None:
    await desk.play({"tool": "edit", "input": ONCE}, "Asked anew.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turns = [agent.asks("Edit it.")]
        await agent.person.question()
        turns += [agent.asks("Then this."), agent.asks("And that.")]
        while len(desk.events(agent.session_id, PromptQueued)) < 2:
            await agent.connection.list_sessions(cwd=str(desk.root))
        await agent.connection.cancel(session_id=agent.session_id)
        assert [(await it).stop_reason for it in turns] == ["cancelled"] * 3
        assert (await agent.prompt("Once more.")).stop_reason == "end_turn"
        assert agent.person.says.endswith("Asked anew.")
    asked = desk.events(agent.session_id, PromptReceived)
    assert [it.text for it in asked] == ["Edit it.", "Once more."]
