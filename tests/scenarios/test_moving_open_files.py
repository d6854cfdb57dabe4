"""An open file is edited, saved by the way, moved or deleted, and all of it is taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.events import CallFinished, PermissionAsked
from postil.core.submissions import Answer, Prompt
from tests.scenarios.test_rewind import FILES, LAST, Place, edit, go_back, last_turn
from tests.support.agent_world import Watch
from tests.support.fake_model import call, says

MOVE = call("move", path="plain.txt", to="docs/plain.txt")


def read(path: str) -> str:
    return (FILES[path]).decode()


def outcomes(place: Place) -> list[str]:
    return [it.outcome for it in place.world.events(CallFinished)]


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "still shown"])
async def test_edited_in_the_editor_and_then_moved(tmp_path: Path, *, is_closed: bool) -> None:
    """The edit is saved for the move, without a question: it is the agent's own."""
    place = Place(tmp_path, says("Hello!"), says(edit("plain.txt", "one", "ONE")), says(MOVE), says(LAST))
    before = place.tree()
    place.open("plain.txt")
    session = await place.begin()
    assert outcomes(place) == ["completed", "completed"]
    assert not place.world.events(PermissionAsked)
    moved = FILES["plain.txt"].replace(b"one", b"ONE")
    assert place.tree()["docs/plain.txt"][0] == moved
    assert "plain.txt" not in place.tree()
    assert await place.workspace.unsaved() == []
    if is_closed:
        del place.editor.texts[tmp_path / "plain.txt"]
    rewound = await go_back(session, last_turn(session))
    assert rewound.left == ()
    assert place.tree() == before
    if not is_closed:
        assert (await place.workspace.read(tmp_path / "plain.txt")).text == read("plain.txt")
    place.check(session)


async def test_typed_in_and_then_moved(tmp_path: Path) -> None:
    """Typing is saved once the person has allowed it, and stays when the move is taken back."""
    place = Place(tmp_path, says("Hello!"), says(MOVE), says(LAST))
    place.open("plain.txt", read("plain.txt") + "typed\n")
    session = await place.world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Hello."))
    await session.idle()
    await session.prompt(Prompt("Move it."))
    asked = await watch.event(PermissionAsked)
    facts = {it.name: it.text for it in asked.question.facts}
    assert (facts["saves"], facts["why"]) == ("plain.txt", "saves what you typed in plain.txt")
    await session.answer(Answer(asked.question.id, "allow_once"))
    await session.idle()
    typed = FILES["plain.txt"] + b"typed\n"
    assert place.tree()["docs/plain.txt"][0] == typed
    await go_back(session, last_turn(session))
    assert (tmp_path / "plain.txt").read_bytes() == typed
    place.check(session)


async def test_deleted_while_it_is_shown_and_brought_back(tmp_path: Path) -> None:
    delete = call("delete", path="plain.txt")
    place = Place(tmp_path, says("Hello!"), says(delete), says(LAST), says(edit("plain.txt", "one", "ONE")))
    before = place.tree()
    place.open("plain.txt")
    session = await place.begin()
    assert "plain.txt" not in place.tree()
    await go_back(session, last_turn(session), conversation=False)
    assert place.tree() == before
    await session.prompt(Prompt("Edit it."))
    await session.idle()
    assert place.editor.texts[tmp_path / "plain.txt"].startswith("ONE"), "it is open again"
    place.check(session)
