"""Stopping a turn in each of its phases, in each of the ways that an editor has."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.support.lsp_client import PATIENCE, Json
from tests.support.lsp_editor import ApplyHabit, Editor, make, reply_then_change
from tests.support.lsp_world import World, gone
from tests.support.processes import long_sleep, running

Stop = Callable[[Editor, str], Awaitable[None]]


async def by_request(editor: Editor, session_id: str) -> None:
    """A client of ours."""
    assert await editor.request("postil/session/cancel", {"sessionId": session_id}) == {"cancelled": True}


async def by_command(editor: Editor, session_id: str) -> None:
    """Any editor's command."""
    only = {"sessionId": session_id}
    assert await editor.command("postil.server.session.cancel", only) == {"cancelled": True}


async def by_progress(editor: Editor, session_id: str) -> None:
    """The button beside the progress."""
    del session_id
    await editor.until(lambda: editor.heard.progress)
    editor.notify("window/workDoneProgress/cancel", {"token": editor.heard.created[-1]})


WAYS = [by_request, by_progress]


async def begin(
    world: World, *replies: Json | str, habit: ApplyHabit = reply_then_change
) -> tuple[Editor, str]:
    """Start a turn."""
    path = world.file("app.py", "x = 1\n")
    await world.play(*replies)
    editor = await world.editor()
    editor.habit = habit
    editor.open(path)
    session = await editor.request("postil/session/new", {})
    await editor.request("postil/session/prompt", {"sessionId": session["sessionId"], "text": "Go."})
    return editor, session["sessionId"]


async def check_cancelled(editor: Editor, session_id: str, outcomes: list[str]) -> None:
    """The turn has ended as cancelled, nothing of it is left to see, and the next one is served."""
    ended = await editor.event("TurnEnded")
    assert ended["reason"] == "cancelled"
    assert [it["outcome"] for it in editor.events("CallFinished")] == outcomes
    await editor.until(lambda: editor.heard.progress[-1]["value"]["kind"] == "end")
    await editor.until(lambda: not any(editor.diagnostics.values()))
    await editor.request("postil/session/prompt", {"sessionId": session_id, "text": "Again."})
    assert (await editor.event("TurnEnded", 2))["reason"] == "end_turn"


NEXT: Json = {"when": {"user": "Again"}, "text": "Here I am."}


@pytest.mark.parametrize("stop", WAYS)
async def test_while_the_model_thinks(world: World, stop: Stop) -> None:
    editor, session_id = await begin(world, {"text": "Never said.", "delay": 600}, NEXT)
    await world.model.until(lambda it: it.open == 1)
    await stop(editor, session_id)
    await check_cancelled(editor, session_id, [])
    assert world.model.requests[0].outcome == "left"


@pytest.mark.parametrize("stop", WAYS)
async def test_while_the_reply_streams(world: World, stop: Stop) -> None:
    editor, session_id = await begin(world, {"text": "One two three four.", "chunk": 4, "stall": 2}, NEXT)
    await editor.event("TextDelta")
    await stop(editor, session_id)
    await check_cancelled(editor, session_id, [])
    assert world.model.requests[0].outcome == "left"


@pytest.mark.parametrize("stop", [*WAYS, by_command])
async def test_while_a_question_is_open(world: World, stop: Stop) -> None:
    call: Json = {"tool": "shell", "input": {"command": "touch ran"}}
    editor, session_id = await begin(world, call, NEXT)
    await editor.question()
    await stop(editor, session_id)
    await check_cancelled(editor, session_id, ["not_run"])
    assert not (world.root / "ran").exists()


SLEEP = long_sleep()
STUBBORN = f"trap '' TERM INT HUP\n{SLEEP} &\necho running\nwait\n{SLEEP}"
"""A command that leaves only when it is made to, with a child."""


async def run_stubborn(world: World) -> tuple[Editor, str, list[tuple[int, float]]]:
    """Let the agent run it; returns its processes."""
    editor, session_id = await begin(world, {"tool": "shell", "input": {"command": STUBBORN}}, NEXT)
    await editor.answer()
    await editor.event("CallProgress")
    processes = running(SLEEP)
    assert len(processes) > 1
    return editor, session_id, processes


@pytest.mark.parametrize("stop", WAYS)
async def test_while_a_command_runs(world: World, stop: Stop) -> None:
    editor, session_id, processes = await run_stubborn(world)
    await stop(editor, session_id)
    await gone(processes)
    await check_cancelled(editor, session_id, ["cancelled"])
    (finished,) = editor.events("CallFinished")
    assert "running" in finished["content"]


async def test_while_the_editor_takes_its_time_over_an_edit(world: World) -> None:
    """The turn ends without it; that it may still come is said, and when it comes it is seen."""
    asked: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    async def waits_for_its_user(_: Editor, params: Json) -> Json:
        asked.set_result(params)
        return await asyncio.Future[Json]()

    edit: Json = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "1", "new": "2"}]}}
    read: Json = {"when": {"user": "Again"}, "tool": "read", "input": {"path": "app.py"}}
    editor, session_id = await begin(world, edit, read, "I see.", habit=waits_for_its_user)
    await editor.answer()
    await asyncio.wait_for(asked, PATIENCE)
    await by_request(editor, session_id)
    assert (await editor.event("TurnEnded"))["reason"] == "cancelled"
    (finished,) = editor.events("CallFinished")
    assert (finished["outcome"], editor.events("FileChanged")) == ("unknown", [])
    assert "the editor may still make it" in finished["content"]
    make(editor, asked.result())()
    await editor.request("postil/session/prompt", {"sessionId": session_id, "text": "Again."})
    await editor.event("TurnEnded", 2)
    assert "x = 2" in editor.events("CallFinished")[1]["content"]


async def test_prompts_that_wait_are_not_sent_by_themselves(world: World) -> None:
    """After a stop a person says so."""
    editor, session_id = await begin(world, {"text": "Never said.", "delay": 600}, NEXT)
    second = await editor.request("postil/session/prompt", {"sessionId": session_id, "text": "Again."})
    assert second["queued"]
    await world.model.until(lambda it: it.open == 1)
    await by_request(editor, session_id)
    assert (await editor.event("TurnEnded"))["reason"] == "cancelled"
    assert world.model.received == 1
    sent = await editor.request("postil/session/sendWaiting", {"sessionId": session_id})
    assert sent["turnId"] == second["turnId"]
    await editor.event("TurnEnded", 2)
    assert [it["reason"] for it in editor.events("TurnEnded")] == ["cancelled", "end_turn"]


async def test_closing_the_editor_ends_a_running_command(world: World) -> None:
    editor, _, processes = await run_stubborn(world)
    assert await editor.leave() == 0
    await gone(processes)


async def test_the_death_of_the_editor_ends_a_running_command(world: World) -> None:
    editor, _, processes = await run_stubborn(world)
    assert await editor.hang_up() == 1
    await gone(processes)


async def test_a_signal_ends_the_server_and_a_running_command(world: World) -> None:
    editor, _, processes = await run_stubborn(world)
    os.kill(editor.process.pid, signal.SIGTERM)
    assert await editor.ended() == 128 + signal.SIGTERM
    await gone(processes)


async def test_a_token_of_a_turn_that_has_ended_stops_nothing(world: World) -> None:
    editor, session_id = await begin(world, "Done.", NEXT)
    await editor.event("TurnEnded")
    for token in (editor.heard.created[0], 5, "unknown"):
        editor.notify("window/workDoneProgress/cancel", {"token": token})
    await editor.request("postil/session/prompt", {"sessionId": session_id, "text": "Again."})
    assert (await editor.event("TurnEnded", 2))["reason"] == "end_turn"
