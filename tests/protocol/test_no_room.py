"""A journal that cannot grow: the turn stops with one message, all of it can be read, and it goes on when there is room."""

import resource
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.lsp_client import Json
from tests.support.lsp_editor import Editor
from tests.support.lsp_world import World

FULL = (
    "The session's journal could not be written: the file may not grow any further. "
    "Raise the limit on file sizes, then resume the session."
)
FAILED = -32803


async def ask(world: World, *, ours: bool = True) -> tuple[Editor, Json]:
    """Begin a turn that comes to a question; returns what names the session."""
    path = world.file("app.py", "x = 1\n")
    await world.play(
        {"when": {"after": "prompt"}, "tool": "shell", "input": {"command": "echo ran >> ran"}},
        {"when": {"tool": "shell"}, "text": "It ran."},
    )
    editor = await world.editor(ours=ours)
    editor.open(path)
    turn: Any = await editor.command("postil.server.session.prompt", {"text": "Go."})
    await editor.question()
    return editor, {"sessionId": turn["sessionId"]}


@contextmanager
def no_room(world: World, editor: Editor, session: Json) -> Generator[None]:
    """Let no file of the server's grow beyond what the journal has now."""
    if not hasattr(resource, "prlimit"):
        pytest.skip("this system cannot limit another process")
    (path,) = world.state.glob(f"workspaces/*/sessions/{session['sessionId']}/journal.jsonl")
    _, hard = resource.prlimit(editor.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(editor.process.pid, resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.prlimit(editor.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


def question_in(events: list[Json]) -> str:
    (question,) = [it["event"]["question"]["id"] for it in events if "question" in it["event"]]
    return question


async def test_a_turn_that_has_no_room_stops_and_goes_on_when_there_is_some(world: World) -> None:
    editor, session = await ask(world)
    answer = session | {"questionId": question_in(editor.heard.updates), "optionId": "allow_once"}
    before = world.journal(session["sessionId"])
    with no_room(world, editor, session):
        assert await editor.fails("postil/session/answer", answer) == (FAILED, FULL)
        halted = await editor.event("SessionHalted")
        assert f"{halted['message']} {halted['mend']}" == FULL

        attached = await editor.request("postil/session/attach", session)
        assert (attached["readOnly"], len(attached["events"])) == (True, len(before))
        assert attached["note"].endswith("the file may not grow any further. You can read it here.")
        for method, params in {
            "resume": session,
            "answer": answer,
            "prompt": session | {"text": "x"},
        }.items():
            assert await editor.fails(f"postil/session/{method}", params) == (FAILED, FULL)
        assert world.journal(session["sessionId"]) == before
        assert not editor.questions(), "what cannot be answered is not asked"

    await editor.request("postil/session/resume", session)
    await editor.answer()
    assert (await editor.event("TurnEnded"))["reason"] == "end_turn"
    assert (world.root / "ran").read_text() == "ran\n"
    assert len(editor.events("SessionHalted")) == 1
    kinds = [type(it).__name__ for it in world.journal(session["sessionId"])]
    assert kinds.count("PermissionAsked") == kinds.count("CallStarted") == 1
    told = [it["seq"] for it in editor.heard.updates if it["seq"] is not None]
    assert told == list(range(1, len(kinds) + 1)), "each once, in order, without a gap"


async def test_any_editor_is_told_once_and_attaching_is_enough_to_go_on(world: World) -> None:
    editor, session = await ask(world, ours=False)
    with no_room(world, editor, session):
        attached = await editor.command("postil.server.session.attach", session)
        buffer, diagnostic = await editor.question()
        (action, *_) = await editor.actions(buffer, 0, [diagnostic])
        with pytest.raises(Exception, match="may not grow"):
            await editor.run(action)
        await editor.until(lambda: editor.client.messages)
        for _ in range(2):
            (resume,) = [it for it in await editor.actions(buffer, 0) if it["title"] == "Postil: Resume: Go."]
            with pytest.raises(Exception, match="may not grow"):
                await editor.run(resume)
    shown = [it.message for it in editor.client.messages]
    assert shown == [f"Postil: {FULL}"]
    again = await editor.command("postil.server.session.attach", session | {"after": attached["seq"]})
    assert (again["readOnly"], again["suspended"]) == (False, True)
    assert again["note"] == "The session had stopped, because it could not be written."
    await editor.command("postil.server.session.resume", session)
    await editor.answer()
    await editor.until(lambda: len(editor.client.messages) == 2)
    assert editor.client.messages[-1].message == "Postil: It ran."
    assert (world.root / "ran").read_text() == "ran\n"
