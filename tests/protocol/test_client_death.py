"""The end of a client or a server in the middle of the work, and what the next server makes of it."""

import asyncio
import os
import signal
import sys
from typing import Any

import pytest

from postil.workspace.commands.processes import process_alive
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World, gone

ONCE = "echo ran >> ran"
COMMAND: Json = {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": ONCE}}
AFTER: Json = {"when": {"tool": "shell"}, "text": "It ran."}


async def ask(world: World) -> tuple[Editor, str]:
    """Begin a turn that comes to a question."""
    path = world.file("app.py", "x = 1\n")
    await world.play(COMMAND, AFTER)
    editor = await world.editor()
    buffer = editor.open(path)
    (action,) = [it for it in await editor.actions(buffer) if it["title"] == "Explain"]
    turn = await editor.run(action)
    await editor.question()
    return editor, turn["sessionId"]


async def reopen(world: World, session_id: str) -> tuple[Editor, Buffer, Any]:
    """Start another server, and attach to the session."""
    editor = await world.editor()
    buffer = editor.open(world.root / "app.py")
    attached = await editor.request("postil/session/attach", {"sessionId": session_id})
    return editor, buffer, attached


async def hang_up(editor: Editor) -> None:
    assert await editor.hang_up() == 1


async def leave(editor: Editor) -> None:
    assert await editor.leave() == 0


async def kill(editor: Editor) -> None:
    await editor.kill()


def ran(world: World) -> list[str]:
    """What the command has left."""
    return (world.root / "ran").read_text("utf-8").splitlines()


@pytest.mark.parametrize(("end", "clean"), [(hang_up, True), (leave, True), (kill, False)])
async def test_a_question_outlives_the_server_and_is_answered_once(
    world: World, end: Any, *, clean: bool
) -> None:
    first, session_id = await ask(world)
    _, asked = await first.question()
    await end(first)

    editor, buffer, attached = await reopen(world, session_id)
    assert attached["suspended"] is True
    events = [it["event"] for it in attached["events"]]
    assert [it["clean"] for it in events if it["type"] == "SessionResumed"] == [clean]
    assert [it["type"] for it in events if it["type"] == "TurnEnded"] == []
    shown, diagnostic = await editor.question()
    assert shown is buffer
    assert f"Postil asks to run a command: {ONCE}\n" in diagnostic["message"]
    assert diagnostic == asked, "the same question, with all that it said"

    await editor.answer()
    ended = await editor.event("TurnEnded")
    assert ended["reason"] == "end_turn"
    assert ran(world) == ["ran"]
    assert [it["outcome"] for it in editor.events("CallFinished")] == ["completed"]
    await editor.until(lambda: editor.heard.progress[-1]["value"]["kind"] == "end")
    assert world.model.received == 2


async def test_a_turn_that_was_cut_while_the_model_spoke_is_resumed(world: World) -> None:
    await world.play({"text": "One two three.", "chunk": 4, "stall": 2}, "The whole reply.")
    first = await world.editor()
    result = await first.request("postil/session/prompt", {"text": "Go."})
    await first.event("TextDelta")
    await first.kill()
    world.file("app.py", "x = 1\n")
    editor, _, attached = await reopen(world, result["sessionId"])
    assert attached["suspended"] is True
    assert attached["note"]
    only = {"sessionId": result["sessionId"]}
    assert (await editor.request("postil/session/resume", only))["turnId"] == result["turnId"]
    assert (await editor.event("TurnEnded"))["reason"] == "end_turn"
    assert "The whole reply." in str(editor.events("ModelReplied"))


async def test_a_command_that_was_running_is_not_run_again(world: World) -> None:
    command = f"{ONCE}; echo running; sleep 600"
    await world.play({"tool": "shell", "input": {"command": command}}, "I shall look.")
    path = world.file("app.py", "x = 1\n")
    first = await world.editor()
    first.open(path)
    result = await first.request("postil/session/prompt", {"text": "Go."})
    await first.answer()
    await first.event("CallProgress")
    pid, started = next((it["pid"], it["started"]) for it in first.events("ProcessStarted"))
    await first.kill()

    editor, _, attached = await reopen(world, result["sessionId"])
    assert attached["suspended"] is True
    (finished,) = [it["event"] for it in attached["events"] if it["event"]["type"] == "CallFinished"]
    assert finished["outcome"] == "unknown"
    assert f"It is still running (process {pid})." in finished["content"]
    assert finished["content"].endswith("decide what to do. Output so far:\nrunning\n")
    assert not list(world.state.glob("workspaces/*/sessions/*/output-*"))
    await editor.request("postil/session/resume", {"sessionId": result["sessionId"]})
    assert (await editor.event("TurnEnded"))["reason"] == "end_turn"
    assert ran(world) == ["ran"]
    assert pid > 1
    if process_alive(pid, started):
        os.killpg(pid, signal.SIGKILL)
    await gone([(pid, started)])


async def test_a_client_whose_process_ends_takes_the_server_along(world: World) -> None:
    """Its number tells, even where something else holds the pipe open."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    await world.play("Hello.")
    editor = await world.editor(processId=client.pid)
    client.kill()
    await client.wait()
    assert await editor.ended() == 1
