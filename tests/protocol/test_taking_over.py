"""A session is taken over: the window that has it stops, reads along, and nothing that it began is done again."""

from __future__ import annotations

from typing import Any

from postil.core.events import CallFinished, CallStarted, SessionClosed, SessionResumed
from tests.protocol.test_second_window import FAILED, ask, attach, kinds
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

TAKE = "postil/session/takeOver"
ENDLESS: Json = {"tool": "shell", "input": {"command": "echo once >> ran; tail -f /dev/null"}}


async def take(editor: Editor, session_id: str) -> Any:
    return await editor.request(TAKE, {"sessionId": session_id})


async def test_a_question_moves_to_the_window_that_takes_the_session_over(world: World) -> None:
    first, session_id = await ask(world)
    second = await world.editor()
    second.open(world.root / "app.py")
    assert (await attach(second, session_id))["readOnly"] is True
    await take(second, session_id)
    attached = await attach(second, session_id)
    assert (attached["readOnly"], attached["suspended"]) == (False, True)
    await first.event("SessionClosed")
    await first.until(lambda: not first.questions())

    again = await attach(first, session_id)
    assert again["readOnly"] is True
    assert again["note"] == "Another window has taken this session over. You can read it here."
    for method, more in {"prompt": {"text": "Me."}, "resume": {}, "cancel": {}}.items():
        code, message = await first.fails(f"postil/session/{method}", {"sessionId": session_id} | more)
        assert (code, message.startswith("Another window has taken this session over.")) == (FAILED, True)

    await second.request("postil/session/resume", {"sessionId": session_id})
    await second.answer()
    assert (await second.event("TurnEnded"))["reason"] == "end_turn"
    await first.event("TurnEnded")
    assert (world.root / "ran").read_text() == "ran\n"
    events = world.journal(session_id)
    assert [it.reason for it in events if isinstance(it, SessionClosed)] == ["taken over by another window"]
    assert [it.clean for it in events if isinstance(it, SessionResumed)] == [True]
    told = [it["seq"] for it in first.heard.updates if it["seq"] is not None]
    assert told == sorted(set(told)), "the first window reads along, each event once"


async def test_a_command_that_runs_is_stopped_and_not_run_again(world: World) -> None:
    world.file("app.py", "x = 1\n")
    await world.play({"when": {"after": "prompt"}, **ENDLESS}, {"when": {"tool": "shell"}, "text": "Done."})
    first = await world.editor()
    first.open(world.root / "app.py")
    session_id = (await first.request("postil/session/prompt", {"text": "Go."}))["sessionId"]
    await first.answer()
    await first.event("CallStarted")
    second = await world.editor()
    await take(second, session_id)
    await second.request("postil/session/resume", {"sessionId": session_id})
    await second.event("TurnEnded")
    events = world.journal(session_id)
    assert len([it for it in events if isinstance(it, CallStarted)]) == 1
    assert len([it for it in events if isinstance(it, CallFinished)]) == 1
    ran = world.root / "ran"
    assert not ran.exists() or ran.read_text() == "once\n"
    assert kinds(second.heard.updates).count("TurnEnded") == 1


async def test_it_can_be_taken_back(world: World) -> None:
    first, session_id = await ask(world)
    second = await world.editor()
    await take(second, session_id)
    await take(first, session_id)
    assert (await attach(first, session_id))["readOnly"] is False
    assert (await attach(second, session_id))["readOnly"] is True
    await first.request("postil/session/resume", {"sessionId": session_id})
    await first.answer()
    await first.event("TurnEnded")
    assert (world.root / "ran").read_text() == "ran\n"


async def test_what_is_free_or_gone_is_taken_at_once(world: World) -> None:
    first, session_id = await ask(world)
    await first.leave()
    second = await world.editor()
    await take(second, session_id)
    await take(second, session_id)
    assert (await attach(second, session_id))["readOnly"] is False
    code, message = await second.fails(TAKE, {"sessionId": "nope"})
    assert (code, "nope" in message) == (FAILED, True)


async def test_an_editor_without_a_client_of_ours_is_told(world: World) -> None:
    world.file("app.py", "x = 1\n")
    await world.play({"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "echo ran >> ran"}})
    first = await world.editor("neovim", ours=False)
    told: list[str] = []
    first.serve("window/showMessage", lambda it: told.append(it.message))
    buffer = first.open(world.root / "app.py")
    point = {"line": 0, "character": 0}
    place: Json = {"uri": buffer.uri, "range": {"start": point, "end": point}, "text": "Go."}
    await first.command("postil.server.ask", place)
    await first.until(lambda: len(first.questions()) > 0)
    (row,) = (await first.command("postil.server.session.list"))["sessions"]
    second = await world.editor()
    await take(second, row["sessionId"])
    await first.until(lambda: any("another window has taken over" in it for it in told))
    await first.until(lambda: not first.questions())
