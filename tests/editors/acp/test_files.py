"""The client's buffers are the truth: what it has unsaved is read, edited where it is, and never written over."""

from __future__ import annotations

import pytest
from acp.schema import ToolCallProgress

from postil.core.events import CallFinished, FileChanged
from tests.editors.acp.desk import AcpDesk
from tests.editors.acp.person import Person

FIX = {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}
READ = {"tool": "read", "input": {"path": "app.py"}}
EDIT = {"tool": "edit", "input": FIX}
SAVED = "def add(a, b):\n    return a - b\n"
TYPED = "# mine\ndef add(a, b):\n    return a - b\n"
FIXED = "# mine\ndef add(a, b):\n    return a + b\n"


@pytest.fixture(autouse=True)
def trust(desk: AcpDesk) -> None:
    """What this is about is files, and not what is asked in a folder that nobody trusts."""
    desk.world.trust()


async def test_unsaved_text_is_read_and_edited_where_it_is(desk: AcpDesk) -> None:
    await desk.play(READ, EDIT, "Done.")
    person, path = Person(), desk.root / "app.py"
    person.buffers[path] = TYPED
    async with desk.agent("--mode", "accept-edits", person=person) as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
    assert "# mine" in desk.asked()[1]
    assert person.buffers[path] == FIXED
    assert path.read_text() == SAVED, "it is the person's to save"
    (changed,) = desk.events(agent.session_id, FileChanged)
    assert changed.where == "buffer"


async def test_what_was_typed_while_the_question_was_open_is_asked_about_again(desk: AcpDesk) -> None:
    """The answer was to another text: what was approved is what runs."""
    await desk.play(READ, EDIT, "Done.")
    person, path = Person(), desk.root / "app.py"
    async with desk.agent(person=person) as agent:
        await agent.new(desk.root)
        turn = agent.asks("Mend it.")
        first = await person.question()
        assert "# mine" not in first.call.model_dump_json()
        person.buffers[path] = TYPED
        first.choose("allow_once")
        second = await person.question()
        assert "# mine" in second.call.model_dump_json()
        assert person.buffers[path] == TYPED
        second.choose("allow_once")
        await turn
    assert person.buffers[path] == FIXED
    assert path.read_text() == SAVED


async def test_an_edit_of_a_text_that_is_gone_is_not_made(desk: AcpDesk) -> None:
    """Nothing is written over what was typed; the model reads again."""
    await desk.play(READ, EDIT, {"when": {"tool": "edit"}, **READ}, "I saw it.")
    person, path = Person(), desk.root / "app.py"
    async with desk.agent(person=person) as agent:
        await agent.new(desk.root)
        turn = agent.asks("Mend it.")
        asked = await person.question()
        person.buffers[path] = "all is new\n"
        asked.choose("allow_once")
        await turn
        assert not person.asked
    assert (person.buffers[path], path.read_text()) == ("all is new\n", SAVED)
    assert person.writes == []
    (edit,) = [it for it in desk.events(agent.session_id, CallFinished) if it.tool == "edit"]
    assert edit.outcome == "failed"
    assert "all is new" in desk.asked()[-1]


async def test_unsaved_text_that_the_client_cannot_write_is_left(desk: AcpDesk) -> None:
    await desk.play(READ, EDIT, "I cannot.")
    person, path = Person(), desk.root / "app.py"
    person.buffers[path] = TYPED
    async with desk.agent("--mode", "accept-edits", person=person, writes=False) as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
    assert (person.buffers[path], path.read_text()) == (TYPED, SAVED)
    (edit,) = [it for it in desk.events(agent.session_id, CallFinished) if it.tool == "edit"]
    assert "Ask the user to save it" in edit.content


async def test_a_client_that_refuses_to_write_is_believed(desk: AcpDesk) -> None:
    await desk.play(READ, EDIT, "I cannot.")
    person = Person()
    person.refuses_writes = True
    async with desk.agent("--mode", "accept-edits", person=person) as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
    assert (desk.root / "app.py").read_text() == SAVED
    (edit,) = [it for it in desk.events(agent.session_id, CallFinished) if it.tool == "edit"]
    assert edit.outcome == "failed"
    assert "The editor did not take the edit of app.py" in edit.content
    assert [it.status for it in person.updates(ToolCallProgress)][-1] == "failed"


@pytest.mark.parametrize("reads", [False, True])
async def test_without_the_clients_files_the_disk_is_written(desk: AcpDesk, *, reads: bool) -> None:
    await desk.play(READ, EDIT, "Done.")
    person = Person()
    async with desk.agent("--mode", "accept-edits", person=person, reads=reads, writes=not reads) as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
    assert (desk.root / "app.py").read_text().endswith("a + b\n")
    assert person.writes == []
    assert bool(person.reads) is reads
    (changed,) = desk.events(agent.session_id, FileChanged)
    assert changed.where == "disk"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a - b\r\nnext\r\n", b"a + b\r\nnext\r\n"),
        (b"\xef\xbb\xbfa - b\n", b"\xef\xbb\xbfa + b\n"),
        (b"a - b caf\xe9\n", b"a + b caf\xe9\n"),
    ],
)
async def test_bytes_that_the_client_does_not_show_are_kept(
    desk: AcpDesk, before: bytes, after: bytes
) -> None:
    """Line ends, byte order marks and other encodings: such a file is written on the disk, and not through a text."""
    path = desk.root / "app.py"
    path.write_bytes(before)
    await desk.play(READ, EDIT, "Done.")
    person = Person()
    person.newline = None
    async with desk.agent("--mode", "accept-edits", person=person) as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
    assert path.read_bytes() == after
    assert person.writes == []


async def test_undo_takes_back_what_the_turn_changed(desk: AcpDesk) -> None:
    await desk.play(READ, EDIT, "Done.")
    async with desk.agent("--mode", "accept-edits") as agent:
        await agent.new(desk.root)
        await agent.prompt("Mend it.")
        assert (desk.root / "app.py").read_text() != SAVED
        assert (await agent.prompt("/undo")).stop_reason == "end_turn"
        assert (desk.root / "app.py").read_text() == SAVED
