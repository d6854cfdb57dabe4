"""Files that are moved or removed while Neovim has them open: to the byte on the disk, and typing is never lost."""

import pytest

from postil.core.events import CallFinished, FileChanged, PermissionAsked
from tests.editors.nvim.desk import Desk
from tests.support.lsp_client import Json

BYTES = b"\xef\xbb\xbfeins\r\nzwei"
"""With a byte order mark and no final newline, which Neovim would add."""
MOVE: Json = {"tool": "move", "input": {"path": "old.txt", "to": "new/name.txt"}}
DELETE: Json = {"tool": "delete", "input": {"path": "old.txt"}}


def run(command: str) -> Json:
    return {"tool": "shell", "input": {"command": command}}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Edits and one command are allowed; Neovim leaves the last line as it is."""
    desk.settings(
        'mode = "accept-edits"\nallow = ["Bash(sh -c ls)", "Bash(mv old.txt moved.txt)", "Bash(rm old.txt)"]\n'
    )
    return desk


def outcomes(desk: Desk) -> list[str]:
    return [it.outcome for it in desk.events(CallFinished)]


def tree(desk: Desk) -> dict[str, bytes]:
    root = desk.world.root
    return {str(it.relative_to(root)): it.read_bytes() for it in root.rglob("*") if it.is_file()}


@pytest.mark.parametrize("without", [(), ("handlers =", "experimental =")])
@pytest.mark.parametrize(
    ("call", "left"),
    [
        (MOVE, "new/name.txt"),
        (DELETE, None),
        (run("mv old.txt moved.txt"), "moved.txt"),
        (run("rm old.txt"), None),
    ],
)
def test_an_open_file_without_unsaved_text(
    desk: Desk, call: Json, left: str | None, without: tuple[str, ...]
) -> None:
    """Its buffer is what is left of it. It is no unsaved text, so the command after it waits for nobody."""
    path = desk.world.file("old.txt", "")
    path.write_bytes(BYTES)
    desk.play(call, run("sh -c ls"), {"tool": "read", "input": {"path": "old.txt"}}, "Done.")
    nvim = desk.open(path, without=without)
    desk.ask_to_fix(1)
    desk.ended("Done.")
    assert tree(desk) == ({left: BYTES} if left else {})
    assert outcomes(desk) == ["completed", "completed", "failed"]
    assert "saved" not in desk.events(CallFinished)[1].content
    assert nvim.lines(path) == ["eins", "zwei"]


def test_what_was_typed_is_saved_and_moved_once_that_is_allowed(desk: Desk) -> None:
    path = desk.world.file("old.txt", "one\n")
    desk.play(MOVE, run("sh -c ls"), "Done.")
    nvim = desk.open(path)
    nvim.keys("Gotyped<Esc>")
    nvim.until(lambda: nvim.lines(path) == ["one", "typed"])
    desk.ask_to_fix(1)
    question = desk.question("Postil asks to move a file")
    assert question["name"] == str(path)
    desk.answer("Postil asks to move a file")
    desk.ended("Done.")
    (asked,) = desk.events(PermissionAsked)
    assert [it.text for it in asked.question.facts if it.name == "saves"] == ["old.txt"]
    assert tree(desk) == {"new/name.txt": b"one\ntyped\n"}
    assert [it.renamed_from for it in desk.events(FileChanged)] == [str(path)]
    assert outcomes(desk) == ["completed", "completed"]


@pytest.mark.parametrize(("call", "without"), [(MOVE, ("handlers =", "experimental =")), (DELETE, ())])
def test_unsaved_text_that_would_be_lost_keeps_its_file(
    desk: Desk, call: Json, without: tuple[str, ...]
) -> None:
    path = desk.world.file("old.txt", "one\n")
    desk.play(call, "Done.")
    nvim = desk.open(path, without=without)
    nvim.keys("Gotyped<Esc>")
    nvim.until(lambda: nvim.lines(path) == ["one", "typed"])
    desk.ask_to_fix(1)
    desk.ended("Done.")
    assert outcomes(desk) == ["failed"]
    assert "old.txt is open with unsaved changes" in desk.events(CallFinished)[0].content
    assert tree(desk) == {"old.txt": b"one\n"}
    assert nvim.modified(path)
    assert nvim.lines(path) == ["one", "typed"]


def test_what_is_typed_into_the_buffer_of_a_moved_file_is_unsaved_text_again(desk: Desk) -> None:
    path = desk.world.file("old.txt", "one\n")
    read: Json = {"tool": "read", "input": {"path": "old.txt"}}
    desk.play(MOVE, read, "Done.", read, "Read.")
    nvim = desk.open(path)
    desk.ask_to_fix(1)
    desk.ended("Done.")
    nvim.keys("Gotyped<Esc>")
    nvim.until(lambda: nvim.modified(path))
    desk.ask_to_fix(1)
    desk.ended("Read.")
    assert outcomes(desk) == ["completed", "failed", "completed"]
    assert "typed" in desk.events(CallFinished)[-1].content
