"""Servers of tools that a client names are refused and told of, whenever they are named; and who the client is goes on record."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from acp.schema import HttpMcpServer, McpServerStdio

from postil.core.events import PermissionDecided, PromptReceived
from tests.editors.acp.desk import AcpDesk, Agent


def named(desk: AcpDesk) -> list[Any]:
    """Return servers as an editor's settings have them; the first would leave a file behind where it ran."""
    leaves = f"open({str(desk.root / 'started')!r}, 'w')"
    return [
        McpServerStdio(name="files\x1b[31m", command=sys.executable, args=["-c", leaves], env=[]),
        HttpMcpServer(type="http", name="web", url="http://127.0.0.1:9/mcp", headers=[]),
    ]


async def told(agent: Agent) -> str:
    """Wait until the refusal is told; returns it."""
    await agent.person.until(lambda: "Not started: " in agent.person.says)
    return agent.person.says


async def test_servers_that_a_client_names_are_not_started_and_the_person_is_told(desk: AcpDesk) -> None:
    await desk.play("One.", "Two.")
    async with desk.agent() as first:
        assert first.offers is not None
        offered = first.offers.agent_capabilities
        assert offered is not None
        assert offered.mcp_capabilities is not None
        assert not offered.mcp_capabilities.http
        assert not offered.mcp_capabilities.sse
        made = await first.connection.new_session(cwd=str(desk.root), mcp_servers=named(desk))
        first.session_id = made.session_id
        words = await told(first)
        assert "web" in words
        assert "Postil's own settings" in words
        assert "\x1b" not in words
        await first.prompt("Go.")
    async with desk.agent() as second:
        await second.connection.load_session(
            cwd=str(desk.root), session_id=first.session_id, mcp_servers=named(desk)
        )
        assert (await told(second)).count("Not started: ") == 1
        second.session_id = first.session_id
        await second.prompt("And now?")
    tools = [it["name"] for request in desk.world.model.requests for it in request.body["tools"]]
    assert tools
    assert not [it for it in tools if "files" in it or it.startswith(("mcp", "web_"))]
    assert not (desk.root / "started").exists()
    assert "Not started" not in str(desk.asked()), "it is a word to the person, and none to the model"


@pytest.mark.parametrize(("client", "face"), [("Zed", "acp:Zed"), ("some-editor", "acp"), ("", "acp")])
async def test_it_is_on_record_in_which_editor_a_person_answered(
    desk: AcpDesk, client: str, face: str
) -> None:
    await desk.play({"tool": "shell", "input": {"command": "touch made"}}, "Done.")
    async with desk.agent(client=client) as agent:
        await agent.new(desk.root)
        turn = agent.asks("Make it.")
        (await agent.person.question()).choose("allow_once")
        assert (await turn).stop_reason == "end_turn"
    assert [it.face for it in desk.events(agent.session_id, PromptReceived)] == [face]
    assert [it.face for it in desk.events(agent.session_id, PermissionDecided)] == [face]
