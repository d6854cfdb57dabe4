"""A session that is loaded while something in it was open: a question is named and asked again, a wait is over, and nothing is answered by itself."""

from __future__ import annotations

import pytest
from acp.exceptions import RequestError

from postil.core.events import CallFinished, PermissionAsked, TurnEnded
from tests.editors.acp.desk import AcpDesk, Agent
from tests.support.sub_agents import MAIN, TASK, calls, delegate, does

FIX = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}
SLOW = {"status": 429, "type": "rate_limit_error", "message": "slow", "retry_after": 50}


async def left(desk: AcpDesk, words: str = "Mend it.") -> str:
    """Leave a session whose question is open, as a crash does; returns its id."""
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks(words)
        await agent.person.question()
        await agent.kill()
        with pytest.raises(ConnectionError):
            await turn
        return agent.session_id


async def loads(agent: Agent, desk: AcpDesk, session_id: str) -> None:
    await agent.connection.load_session(cwd=str(desk.root), session_id=session_id, mcp_servers=[])
    agent.session_id = session_id


async def test_an_open_question_is_named_at_loading_and_asked_at_resuming(desk: AcpDesk) -> None:
    await desk.play({"tool": "edit", "input": FIX}, "Fixed.")
    session_id = await left(desk)
    (asked,) = desk.events(session_id, PermissionAsked)
    async with desk.agent() as agent:
        await loads(agent, desk, session_id)
        assert f"It waits for your answer: Edit this file? {desk.root}/app.py. `/resume`" in agent.person.says
        assert agent.person.call("Edit")["statuses"] == ["pending"]
        assert not agent.person.asked, "nobody was asked to go on"
        turn = agent.asks("/resume")
        question = await agent.person.question()
        assert question.call.tool_call_id == asked.call_id == agent.person.call("Edit")["tool_call_id"]
        question.choose("allow_once")
        assert (await turn).stop_reason == "end_turn"
        assert agent.person.call("Edit")["statuses"][-1] == "completed"
    assert (desk.root / "app.py").read_text().endswith("a + b\n")


@pytest.mark.parametrize("loaded", [True, False], ids=["load", "resume"])
async def test_a_question_that_is_left_behind_is_no_answer(desk: AcpDesk, *, loaded: bool) -> None:
    await desk.play({"tool": "edit", "input": FIX}, "As you say.")
    session_id = await left(desk)
    async with desk.agent() as agent:
        if loaded:
            await loads(agent, desk, session_id)
        else:
            await agent.connection.resume_session(cwd=str(desk.root), session_id=session_id, mcp_servers=[])
            agent.session_id = session_id
        assert f"It waits for your answer: Edit this file? {desk.root}/app.py. `/resume`" in agent.person.says
        assert (await agent.prompt("Leave it.")).stop_reason == "end_turn"
        assert not agent.person.asked
    assert [it.outcome for it in desk.events(session_id, CallFinished)] == ["not_run"]
    assert (desk.root / "app.py").read_text().endswith("a - b\n")


async def test_a_sub_agent_that_was_left_asks_nothing_and_its_work_says_so(desk: AcpDesk) -> None:
    """None of them goes on after its process: so its question is no question any more, and the turn does not wait for it."""
    await desk.play(
        does(MAIN, delegate("d1")),
        does(TASK, calls("shell", "s1", command="touch made")),
        does(MAIN, "Done."),
    )
    session_id = await left(desk, "Do it.")
    async with desk.agent() as agent:
        await loads(agent, desk, session_id)
        assert "waits for your answer" not in agent.person.says
        (call,) = [it for it in desk.events(session_id, CallFinished) if it.tool == "delegate"]
        assert call.outcome == "failed"
        assert (await agent.prompt("/resume")).stop_reason == "end_turn"
        assert agent.person.says.endswith("Done.")
        assert not agent.person.asked
    assert not (desk.root / "made").exists()


async def test_a_wait_is_over_when_its_session_is_loaded_anew(desk: AcpDesk) -> None:
    await desk.play({"error": SLOW}, "Here.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Hello.")
        await agent.person.until(lambda: "Next try in 50 s (1 of 6)." in agent.person.says)
        await loads(agent, desk, agent.session_id)
        with pytest.raises(RequestError, match="was closed"):
            await turn
        assert agent.person.says.count("Next try in") == 1
        assert "`/resume` goes on with it" in agent.person.says
        assert "waits for your answer" not in agent.person.says
        assert (await agent.prompt("/resume")).stop_reason == "end_turn"
        assert agent.person.says.endswith("Here.")
    assert [it.reason for it in desk.events(agent.session_id, TurnEnded)] == ["end_turn"]
