"""A cancel is never lost: neither one that comes while a session is being made, nor one while it is being loaded."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from postil.core.events import PromptReceived, TurnEnded
from tests.editors.acp.desk import AcpDesk, Agent
from tests.editors.acp.person import PATIENCE

FIX = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}


async def at_once(agent: Agent, *messages: dict[str, Any]) -> dict[str, Any]:
    """Send messages in one write, so that the last is there while the first is still worked on; returns the answer to the first."""
    answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def look(event: Any) -> None:
        if event.message.get("id") == "first" and "method" not in event.message and not answered.done():
            answered.set_result(event.message)

    agent.connection._conn.add_observer(look)
    stdin = agent.process.stdin
    assert stdin is not None
    stdin.write(b"".join(json.dumps({"jsonrpc": "2.0", **it}).encode() + b"\n" for it in messages))
    async with asyncio.timeout(PATIENCE):
        return await answered


def cancel(session_id: str) -> dict[str, Any]:
    return {"method": "session/cancel", "params": {"sessionId": session_id}}


async def test_a_cancel_while_the_session_is_being_made(desk: AcpDesk) -> None:
    """Its first prompt makes it, and is answered as cancelled before the model was asked for anything."""
    await desk.play("Only this.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        params = {"sessionId": agent.session_id, "prompt": [{"type": "text", "text": "First."}]}
        answer = await at_once(
            agent, {"id": "first", "method": "session/prompt", "params": params}, cancel(agent.session_id)
        )
        assert answer["result"]["stopReason"] == "cancelled"
        assert desk.asked() == []
        assert (await agent.prompt("Second.")).stop_reason == "end_turn", "and it stops nothing later"
        assert agent.person.says == "Only this."
    assert [it.text for it in desk.events(agent.session_id, PromptReceived)] == ["Second."]


@pytest.mark.parametrize("method", ["session/load", "session/resume"])
async def test_a_cancel_while_a_session_is_being_loaded(desk: AcpDesk, method: str) -> None:
    """The turn that was left open in it ends."""
    await desk.play({"tool": "edit", "input": FIX}, "Anew.")
    session_id = await desk.killed_at_a_question("Mend it.")
    async with desk.agent() as agent:
        agent.session_id = session_id
        params: dict[str, Any] = {"sessionId": agent.session_id, "cwd": str(desk.root), "mcpServers": []}
        answer = await at_once(
            agent, {"id": "first", "method": method, "params": params}, cancel(agent.session_id)
        )
        assert "result" in answer, answer
        assert "left open" not in agent.person.says
        assert [it.reason for it in desk.events(agent.session_id, TurnEnded)] == ["cancelled"]
        assert (await agent.prompt("And now?")).stop_reason == "end_turn"
    assert "a - b" in (desk.root / "app.py").read_text()
