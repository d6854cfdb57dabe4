"""Editors that can next to nothing: one that takes edits and no more, and one that does not even do that."""

import pytest

from postil.core.events import CallFinished, Durable, TurnEnded
from tests.support.lsp_client import Json
from tests.support.lsp_editor import Buffer, Editor, fits
from tests.support.lsp_world import World

TAKES_EDITS: Json = {"workspace": {"applyEdit": True}}
NOTHING: Json = {}
SAVED, TYPED = "x = 1\r\ny = 2", "\r\n# typed 🎈"
CLOSED = {
    "closed.txt": b"\xef\xbb\xbfeins\r\nzwei",
    "gone.txt": b"\xff\xfe" + "weg\n".encode("utf-16-le"),
    "name.txt": b"caf\xe9",
}


def edit(path: str, old: str, new: str) -> Json:
    return {"tool": "edit", "input": {"path": path, "edits": [{"old": old, "new": new}]}}


def shell(command: str) -> Json:
    return {"tool": "shell", "input": {"command": command}}


CALLS = (
    edit("dirty.py", "x = 1", "x = 3"),
    edit("clean.py", "x = 1", "x = 3"),
    edit("closed.txt", "zwei", "2"),
    {"tool": "write", "input": {"path": "new/made.txt", "content": "made\n"}},
    {"tool": "move", "input": {"path": "name.txt", "to": "docs/name.txt"}},
    {"tool": "delete", "input": {"path": "gone.txt"}},
)


class Desk:
    """A bare client, and one session in it that may edit."""

    def __init__(self, world: World, editor: Editor, session_id: str) -> None:
        self.world, self.editor, self.session_id = world, editor, session_id

    async def asks(self) -> None:
        """Ask, by the command that every client has."""
        params = {"sessionId": self.session_id, "text": "Go."}
        await self.editor.command("postil.server.session.prompt", params)

    async def ended(self) -> None:
        """Wait for the turn's end: nothing but messages tells of it."""
        await self.editor.until(lambda: self.editor.client.messages)
        await self.editor.until(lambda: isinstance(self.journal()[-1], TurnEnded))

    def journal(self) -> list[Durable]:
        return self.world.journal(self.session_id)

    def finished(self) -> list[CallFinished]:
        return [it for it in self.journal() if isinstance(it, CallFinished)]

    def outcomes(self) -> list[str]:
        return [it.outcome for it in self.finished()]

    async def open(self, name: str, typed: str = "") -> Buffer:
        """Open a saved file, and type at its end; by an answer the server has both."""
        path = self.world.file(name, SAVED)
        buffer = self.editor.open(path)
        if typed:
            self.editor.type(buffer, len(buffer.text), typed)
        await self.editor.command("postil.server.session.list", {})
        return buffer

    def tree(self) -> dict[str, bytes]:
        root = self.world.root
        return {str(it.relative_to(root)): it.read_bytes() for it in root.rglob("*") if it.is_file()}


async def begin(world: World, capabilities: Json, *replies: Json | str) -> Desk:
    world.trust()
    await world.play(*replies, "Done.")
    editor = await world.editor("bare", ours=False, capabilities=capabilities)
    session = await editor.command("postil.server.session.new", {"mode": "accept-edits"})
    return Desk(world, editor, session["sessionId"])


@pytest.mark.parametrize("capabilities", [TAKES_EDITS, NOTHING])
async def test_every_kind_of_edit_and_all_of_it_taken_back(world: World, capabilities: Json) -> None:
    for name, data in CLOSED.items():
        (world.root / name).write_bytes(data)
    desk = await begin(world, capabilities, {"blocks": list(CALLS)})
    dirty, clean = await desk.open("dirty.py", TYPED), await desk.open("clean.py")
    before = desk.tree()
    await desk.asks()
    await desk.ended()
    takes = bool(capabilities)
    assert desk.outcomes() == [*(["completed"] * 2 if takes else ["failed"] * 2), *["completed"] * 4]
    now = SAVED.replace("x = 1", "x = 3") if takes else SAVED
    assert (dirty.text, clean.text) == (now + TYPED, now)
    assert len(desk.editor.heard.edits) == (2 if takes else 0), "one step of undo for each"
    assert desk.tree() == {
        "dirty.py": SAVED.encode(),
        "clean.py": SAVED.encode(),
        "closed.txt": b"\xef\xbb\xbfeins\r\n2",
        "new/made.txt": b"made\n",
        "docs/name.txt": CLOSED["name.txt"],
    }
    if not takes:
        assert "is open in an editor that takes no edits" in desk.finished()[0].content

    target = {"sessionId": desk.session_id, "turnId": desk.finished()[0].turn_id}
    plan = await desk.editor.command("postil.server.session.preview", target)
    assert plan["left"] == []
    await desk.editor.command("postil.server.session.rewind", target | {"plan": plan["plan"]})
    assert (dirty.text, clean.text) == (SAVED + TYPED, SAVED)
    assert desk.tree() == before


async def test_one_change_is_taken_back_alone(world: World) -> None:
    """There is a later one in the same file, so it is asked about first."""
    desk = await begin(world, TAKES_EDITS, {"blocks": [CALLS[0], edit("dirty.py", "y = 2", "y = 4")]})
    dirty = await desk.open("dirty.py", TYPED)
    await desk.asks()
    await desk.ended()
    assert dirty.text == "x = 3\r\ny = 4" + TYPED
    first = next(it.change_id for it in desk.journal() if it.type == "FileChanged")
    undo = {"sessionId": desk.session_id, "changeId": first}
    assert await desk.editor.command("postil.server.session.undo", undo) == {
        "asked": True,
        "left": [],
        "finished": True,
        "incomplete": False,
    }
    await desk.editor.answer("Undo")
    await desk.editor.until(lambda: dirty.text == "x = 1\r\ny = 4" + TYPED)


async def test_an_edit_that_crossed_typing_is_refused_and_made_again(world: World) -> None:
    desk = await begin(world, TAKES_EDITS, CALLS[0])
    buffer = await desk.open("dirty.py")
    usual = desk.editor.habit

    async def crossing(editor: Editor, params: Json) -> Json:
        editor.habit = usual
        editor.type(buffer, 0, "# one more\r\n")
        assert not fits(editor, params)
        return {"applied": True}

    desk.editor.habit = crossing
    await desk.asks()
    await desk.ended()
    assert buffer.text == "# one more\r\n" + SAVED.replace("x = 1", "x = 3")
    assert desk.outcomes() == ["completed"]
    assert len(desk.editor.heard.edits) == 2


async def test_a_file_that_something_else_writes_while_it_is_typed_in(world: World) -> None:
    """The edit goes into the buffer; what was written stays on the disk, and the command is not run on either unseen."""
    desk = await begin(world, TAKES_EDITS, CALLS[0], shell("sh -c 'cat dirty.py'"))
    buffer = await desk.open("dirty.py", TYPED)
    elsewhere = b"written elsewhere\n"
    buffer.path.write_bytes(elsewhere)
    await desk.asks()
    await desk.editor.answer()
    await desk.editor.answer("Run without saving")
    await desk.ended()
    assert buffer.text == SAVED.replace("x = 1", "x = 3") + TYPED
    assert buffer.path.read_bytes() == elsewhere
    told = desk.finished()[-1].content
    assert "written elsewhere" in told
    assert "Not saved, so the command saw older text of: dirty.py." in told


@pytest.mark.parametrize("capabilities", [TAKES_EDITS, NOTHING])
async def test_a_command_runs_by_itself_once_the_person_has_saved(world: World, capabilities: Json) -> None:
    desk = await begin(world, capabilities, shell("sh -c 'cat a.py'"))
    buffer = await desk.open("a.py", TYPED)
    await desk.asks()
    await desk.editor.answer()
    _, asked = await desk.editor.question()
    assert asked["message"].startswith("Save a.py, then the command runs.")
    assert desk.finished() == []
    desk.editor.save(buffer)
    await desk.ended()
    assert "# typed 🎈" in desk.finished()[0].content
    assert buffer.path.read_bytes() == (SAVED + TYPED).encode()


@pytest.mark.parametrize("capabilities", [TAKES_EDITS, NOTHING])
@pytest.mark.parametrize("call", [CALLS[4], CALLS[5]], ids=["move", "delete"])
async def test_an_open_file_goes_only_while_all_of_it_is_saved(
    world: World, capabilities: Json, call: Json
) -> None:
    name: str = call["input"]["path"]
    desk = await begin(world, capabilities, call, "Not yet.", call)
    buffer = await desk.open(name, TYPED)
    await desk.asks()
    await desk.ended()
    assert f"{name} is open with unsaved changes. Ask the user to save" in desk.finished()[0].content
    assert desk.tree() == {name: SAVED.encode()}
    desk.editor.save(buffer)
    await desk.asks()
    await desk.editor.until(lambda: len(desk.editor.client.messages) == 2)
    assert desk.outcomes() == ["failed", "completed"]
    left = {"docs/name.txt": (SAVED + TYPED).encode()} if call is CALLS[4] else {}
    assert desk.tree() == left
