"""An editor without a client of ours, opened again: what was left is said once, and the lightbulb goes on with it."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from postil.core.changes import EditIntent, RewindStarted
from postil.core.events import ProcessStarted
from postil.journal.store import SessionStore
from tests.support.lsp_client import PATIENCE, Json
from tests.support.lsp_editor import Buffer, Editor
from tests.support.lsp_world import World, gone

ONCE = "sh -c 'echo ran >> ran'"


async def open_one(world: World) -> tuple[Editor, Buffer]:
    """Start a server for an editor that has no client of ours, and open a file."""
    path = world.file("app.py", "x = 1\n")
    editor = await world.editor("neovim", ours=False)
    return editor, editor.open(path)


async def resume_action(editor: Editor, buffer: Buffer) -> Json:
    """Return the one action that resumes; at the start it is offered once the server has looked."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await resume_actions(editor, buffer)):
            pass
    (action,) = found
    return action


async def resume_actions(editor: Editor, buffer: Buffer) -> list[Json]:
    return [it for it in await editor.actions(buffer, 0) if "Resume" in it["title"]]


async def told(editor: Editor, count: int) -> list[str]:
    """Return what the editor was told, once that is so much."""
    await editor.until(lambda: len(editor.client.messages) >= count)
    return [it.message for it in editor.client.messages]


async def test_a_question_that_was_left_is_said_and_can_be_answered(world: World) -> None:
    await world.play({"tool": "shell", "input": {"command": ONCE}}, "It ran.")
    first, _ = await open_one(world)
    await first.command("postil.server.session.prompt", {"text": "Run it."})
    await first.question()
    await first.kill()

    editor, buffer = await open_one(world)
    (said,) = await told(editor, 1)
    assert said == "Postil: “Run it.” waits for your answer. The code action “Resume” goes on with it."
    assert not editor.questions(), "nothing is opened without being asked for"
    action = await resume_action(editor, buffer)
    assert action["title"] == "Postil: Resume: Run it."
    await editor.run(action)
    _, said = await told(editor, 2)
    assert "ended without closing the session. Everything up to then is here" in said
    await editor.answer()
    assert (await told(editor, 3))[-1] == "Postil: It ran."
    assert (world.root / "ran").read_text("utf-8") == "ran\n"
    assert not await resume_actions(editor, buffer), "there is nothing left to go on with"


def _begun(world: World, session_id: str) -> tuple[int, float]:
    """Return the command's process, once that is on record and has had its effect."""
    while True:
        found = [it for it in world.journal(session_id) if isinstance(it, ProcessStarted)]
        if found and (world.root / "ran").exists():
            return found[0].pid, found[0].started
        time.sleep(0.01)


async def test_a_command_of_which_nobody_knows_the_end_is_named(world: World) -> None:
    command = f"{ONCE}; exec sleep 600"
    await world.play({"tool": "shell", "input": {"command": command}}, "I look.")
    first, _ = await open_one(world)
    session = await first.command("postil.server.session.prompt", {"text": "Run it."})
    await first.answer()
    pid, started = await asyncio.to_thread(_begun, world, session["sessionId"])
    await first.kill()
    os.kill(pid, signal.SIGKILL)
    await gone([(pid, started)])

    editor, buffer = await open_one(world)
    (said,) = await told(editor, 1)
    assert said == "Postil: “Run it.” was interrupted. The code action “Resume” goes on with it."
    await editor.run(await resume_action(editor, buffer))
    said = (await told(editor, 2))[1].splitlines()
    assert "nothing was run again." in said[0]
    assert said[1].startswith("Outcome unknown: sh -c 'echo ran >> ran'; exec sleep 600")
    assert (await told(editor, 3))[-1] == "Postil: I look."
    assert (world.root / "ran").read_text("utf-8") == "ran\n"


async def test_a_turn_that_the_service_ended_goes_on_by_the_lightbulb(world: World) -> None:
    fault = {"status": 400, "type": "invalid_request_error", "message": "No such thing."}
    await world.play({"error": fault}, "Gone on.", "Gone on.")
    editor, buffer = await open_one(world)
    assert not await resume_actions(editor, buffer)
    await editor.command("postil.server.session.prompt", {"text": "Go."})
    assert "No such thing." in (await told(editor, 1))[0]
    assert (await resume_action(editor, buffer))["title"] == "Postil: Resume: Go."
    assert await editor.leave() == 0

    editor, buffer = await open_one(world)
    listed = await editor.command("postil.server.session.list", {})
    assert [it["status"] for it in listed["sessions"]] == ["stopped"]

    action = await resume_action(editor, buffer)
    assert not editor.client.messages, "it was said when it happened"
    await editor.run(action)
    assert await told(editor, 1) == ["Postil: Gone on."]


async def test_what_was_ended_and_what_another_window_has_is_no_matter(world: World) -> None:
    await world.play("Done.", {"tool": "shell", "input": {"command": ONCE}}, "It ran.")
    first, buffer = await open_one(world)
    await first.command("postil.server.session.prompt", {"text": "Go."})
    await told(first, 1)
    second, _ = await open_one(world)
    listed = await second.command("postil.server.session.list", {})
    assert [it["status"] for it in listed["sessions"]] == ["running"]
    assert not await resume_actions(second, buffer)
    assert not second.client.messages
    assert await first.leave() == 0
    third, buffer = await open_one(world)
    await third.command("postil.server.session.list", {})
    assert not await resume_actions(third, buffer)
    assert not third.client.messages


async def _go_back_half_way(world: World, session_id: str) -> None:
    """Leave the session as a kill would that came after the first of two files had gone back."""
    state, journal, _ = await SessionStore(world.state).open(session_id)
    changes = state.workflow.changes
    edits = tuple(EditIntent(path=it.path, before=it.after, after=it.before) for it in changes)
    (mark,) = state.workflow.marks
    started = RewindStarted(
        rewind_id="r1", change_id="c1", label=f"Rewind to before: {mark.title}", turn_id=mark.turn_id,
        undoes=tuple(it.change_id for it in changes), conversation=True, edits=edits,
    )  # fmt: skip
    await journal.append(started, sync=True)
    await journal.close()
    world.file("one.txt", "one\n")


async def test_going_back_that_broke_off_names_the_files_that_stayed(world: World) -> None:
    edits = [
        {"tool": "edit", "input": {"path": f"{name}.txt", "edits": [{"old": name, "new": name.upper()}]}}
        for name in ("one", "two")
    ]
    world.trust()
    await world.play({"when": {"after": "prompt"}, "blocks": edits}, "Done.", "Never.")
    for name in ("one", "two"):
        world.file(f"{name}.txt", f"{name}\n")
    first, _ = await open_one(world)
    session = await first.command("postil.server.session.new", {})
    only = {"sessionId": session["sessionId"]}
    await first.command("postil.server.session.mode", only | {"mode": "accept-edits"})
    await first.command("postil.server.session.prompt", only | {"text": "Do it."})
    await told(first, 1)
    await first.kill()
    await _go_back_half_way(world, session["sessionId"])

    editor, buffer = await open_one(world)
    (said,) = await told(editor, 1)
    assert said == (
        "Postil: “Rewind to before: Do it.” was interrupted. These files did not go back: two.txt. "
        "Go back again once the session is open. The code action “Resume” opens it."
    )
    action = await resume_action(editor, buffer)
    with pytest.raises(Exception, match="Going back was interrupted, so there is no work to go on with"):
        await editor.run(action)
    said = (await told(editor, 2))[1].splitlines()
    assert said[1:3] == [
        "Going back was interrupted. These files did not go back:",
        "  two.txt: Interrupted before it was taken back.",
    ]
    two = editor.open(world.root / "two.txt")
    (action,) = [it for it in await editor.actions(two, 0) if "Rewind" in it["title"]]
    await editor.run(action)
    _, question = await editor.question()
    assert "restores: two.txt" in question["message"].replace("  ", " ")
