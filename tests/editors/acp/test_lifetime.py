"""Sessions outlive their process: loaded with all that was said, resumed after a crash with nothing repeated, closed in order."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from acp.exceptions import RequestError
from acp.schema import AgentPlanUpdate, UserMessageChunk

from postil.core.events import SessionClosed, SessionResumed, TurnEnded
from tests.editors.acp.desk import AcpDesk
from tests.support.lsp_world import gone

FIX = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}
REPLIES = (
    {
        "blocks": [
            {"text": "A plan."},
            {"tool": "todo", "input": {"items": [{"text": "mend", "status": "completed"}]}},
            {"tool": "edit", "input": FIX},
        ]
    },
    "Fixed.",
)
STEP = "echo line >> log\necho written\nexec sleep 600\n"
COMMAND = "sh step.sh"


async def test_a_loaded_session_is_told_as_it_was(desk: AcpDesk) -> None:
    await desk.play(*REPLIES)
    async with desk.agent("--mode", "accept-edits") as first:
        await first.new(desk.root)
        await first.prompt("Mend it.")
    closed = desk.events(first.session_id, SessionClosed)
    assert [it.reason for it in closed] == ["the client left"]

    await desk.play("Still here.")
    async with desk.agent() as second:
        found = (await second.connection.list_sessions(cwd=str(desk.root))).sessions
        assert [it.session_id for it in found] == [first.session_id]
        loaded = await second.connection.load_session(
            cwd=str(desk.root), session_id=first.session_id, mcp_servers=[]
        )
        assert loaded.modes is not None
        assert loaded.modes.current_mode_id == "accept-edits"
        assert [it.content.text for it in second.person.updates(UserMessageChunk)] == ["Mend it."]
        assert second.person.says == first.person.says == "A plan.Fixed."
        assert second.person.updates(AgentPlanUpdate) == first.person.updates(AgentPlanUpdate)
        for name in ("Edit app.py", "Update the plan"):
            assert second.person.call(name) == first.person.call(name)
        second.session_id = first.session_id
        assert (await second.prompt("And now?")).stop_reason == "end_turn"
        assert second.person.says == "A plan.Fixed.Still here."
    assert "Mend it." in desk.asked()[0]


async def test_resuming_tells_nothing_again(desk: AcpDesk) -> None:
    await desk.play("One.", "Two.")
    async with desk.agent() as first:
        await first.new(desk.root)
        await first.prompt("First.")
    async with desk.agent() as second:
        await second.connection.resume_session(
            cwd=str(desk.root), session_id=first.session_id, mcp_servers=[]
        )
        second.session_id = first.session_id
        await second.prompt("Second.")
        assert second.person.says == "Two."


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells whether a process is the same")
@pytest.mark.parametrize("how", ["/resume", "What happened?"])
async def test_after_a_crash_nothing_is_repeated(desk: AcpDesk, how: str) -> None:
    """Killed inside a command that has had its effect: it is settled as unknown, told, and never run again."""
    desk.world.trust()
    desk.world.file("step.sh", STEP)
    await desk.play({"tool": "shell", "input": {"command": COMMAND}}, "I see.")
    async with desk.agent() as first:
        await first.new(desk.root)
        turn = first.asks("Do it.")
        (await first.person.question()).choose("allow_once")
        await first.person.until(lambda: "written" in str(first.person.told))
        await first.kill()
        with pytest.raises(ConnectionError):
            await turn
    log = desk.root / "log"
    assert log.read_text() == "line\n"
    async with desk.agent() as second:
        await second.connection.load_session(cwd=str(desk.root), session_id=first.session_id, mcp_servers=[])
        assert "`/resume` goes on with it" in second.person.says
        assert second.person.call("Run")["statuses"][-1] == "failed"
        second.session_id = first.session_id
        assert (await second.prompt(how)).stop_reason == "end_turn"
        assert second.person.says.endswith("I see.")
        assert not second.person.asked
    assert log.read_text() == "line\n"
    resumed = desk.events(first.session_id, SessionResumed)
    assert [(it.face, it.clean) for it in resumed] == [("acp", False)]
    assert len(desk.asked()) == 2
    await gone([])


async def test_a_crash_before_the_answer_asks_again(desk: AcpDesk) -> None:
    await desk.play({"tool": "edit", "input": FIX}, "Fixed.")
    session_id = await desk.killed_at_a_question("Mend it.")
    async with desk.agent() as second:
        await second.connection.load_session(cwd=str(desk.root), session_id=session_id, mcp_servers=[])
        second.session_id = session_id
        turn = second.asks("/resume")
        (await second.person.question()).choose("allow_once")
        assert (await turn).stop_reason == "end_turn"
    assert (desk.root / "app.py").read_text().endswith("a + b\n")
    assert len(desk.asked()) == 2, "the first reply was not asked for again"
    assert [it.reason for it in desk.events(session_id, TurnEnded)] == ["end_turn"]


async def test_a_session_has_one_writer(desk: AcpDesk) -> None:
    await desk.play("One.")
    async with desk.agent() as first, desk.agent() as second:
        await first.new(desk.root)
        await first.prompt("First.")
        with pytest.raises(RequestError, match="open in another"):
            await second.connection.load_session(
                cwd=str(desk.root), session_id=first.session_id, mcp_servers=[]
            )
        await first.connection.close_session(session_id=first.session_id)
        await second.connection.load_session(cwd=str(desk.root), session_id=first.session_id, mcp_servers=[])


async def test_without_a_folder_all_sessions_are_listed(desk: AcpDesk) -> None:
    """Those of every workspace, from the first question of a client on: nothing was opened before."""
    await desk.play("One.", "Two.")
    other = desk.root.parent / "other"
    other.mkdir()
    made: list[tuple[str, str, str]] = []
    async with desk.agent() as agent:
        for root, words in ((desk.root, "First."), (other, "Second.")):
            await agent.new(root)
            await agent.prompt(words)
            made.insert(0, (agent.session_id, str(root), words))
    async with desk.agent() as agent:
        found = (await agent.connection.list_sessions()).sessions
        assert [(it.session_id, it.cwd, it.title) for it in found] == made
        found = (await agent.connection.list_sessions(cwd=str(other))).sessions
        assert [it.title for it in found] == ["Second."]


async def test_a_prompt_whose_session_is_closed_is_cancelled(desk: AcpDesk) -> None:
    """And what was done until then is on record, to go on with."""
    await desk.play({"text": "A word. " * 300, "chunk": 5, "delay": {"each": 0.02}}, "Here.")
    async with desk.agent() as agent:
        await agent.new(desk.root)
        turn = agent.asks("Hello.")
        await agent.person.until(lambda: "A word." in agent.person.says)
        await agent.connection.close_session(session_id=agent.session_id)
        assert (await turn).stop_reason == "cancelled"
        await agent.connection.load_session(cwd=str(desk.root), session_id=agent.session_id, mcp_servers=[])
        assert (await agent.prompt("/resume")).stop_reason == "end_turn"
    assert [it.reason for it in desk.events(agent.session_id, TurnEnded)] == ["end_turn"]


async def test_a_failure_of_the_model_is_an_error_with_words(desk: AcpDesk) -> None:
    await desk.play({"error": {"status": 400, "message": "no such model"}, "times": "any"})
    async with desk.agent() as agent:
        await agent.new(desk.root)
        with pytest.raises(RequestError, match="no such model"):
            await agent.prompt("Hello.")


async def test_without_a_key_a_session_wants_a_login(desk: AcpDesk, tmp_path: Path) -> None:
    desk.world.env |= {
        "ANTHROPIC_BASE_URL": "http://192.0.2.1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    async with desk.agent() as agent:
        assert agent.offers is not None
        assert agent.offers.auth_methods is not None
        (method,) = agent.offers.auth_methods
        with pytest.raises(RequestError, match="There is no key") as caught:
            await agent.new(desk.root)
        assert caught.value.code == -32000
        with pytest.raises(RequestError, match="postil key set"):
            await agent.connection.authenticate(method_id=method.id)


async def test_lines_that_are_no_messages_are_answered(desk: AcpDesk) -> None:
    async with desk.agent() as agent:
        stdin = agent.process.stdin
        assert stdin is not None
        heard: list[dict[str, object]] = []
        agent.connection._conn.add_observer(lambda it: heard.append(it.message))
        for line in (b"not json\n", b"[]\n", b"7\n", b'{"jsonrpc":"2.0","id":9,"method":3}\n', b"\n"):
            stdin.write(line)
        stdin.write(
            json.dumps({"jsonrpc": "2.0", "id": "x", "method": "session/new", "params": []}).encode() + b"\n"
        )
        # The answer to what is asked last comes last, so by then all others have come.
        with pytest.raises(RequestError, match="no absolute path"):
            await agent.connection.new_session(cwd="relative", mcp_servers=[])
        errors = [(it.get("id"), it["error"]["code"]) for it in heard if isinstance(it.get("error"), dict)]  # type: ignore[index]
        assert errors[:4] == [(None, -32700), (None, -32600), (None, -32600), (9, -32600)]
        assert ("x", -32602) in errors
