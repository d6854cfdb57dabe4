"""Files that are moved or removed while VS Code has them open: to the byte on the disk, and typing is never lost."""

import pytest

from postil.core.events import CallFinished, FileChanged, PermissionAsked
from tests.editors.vscode.desk import Desk
from tests.editors.vscode.wishes import run
from tests.support.lsp_client import Json

BYTES = b"\xef\xbb\xbfeins\r\nzwei"
"""With a byte order mark and no final newline."""
MOVE: Json = {"tool": "move", "input": {"path": "old.txt", "to": "new/name.txt"}}
DELETE: Json = {"tool": "delete", "input": {"path": "old.txt"}}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Edits and one command are allowed."""
    allowed = '["Bash(sh -c ls)", "Bash(mv old.txt moved.txt)", "Bash(rm old.txt)"]'
    desk.settings(f'mode = "accept-edits"\nallow = {allowed}\n')
    return desk


def outcomes(desk: Desk) -> list[str]:
    return [it.outcome for it in desk.events(CallFinished)]


def tree(desk: Desk) -> dict[str, bytes]:
    root = desk.world.root
    return {str(it.relative_to(root)): it.read_bytes() for it in root.rglob("*") if it.is_file()}


@pytest.mark.parametrize(
    ("call", "left"),
    [
        (MOVE, "new/name.txt"),
        (DELETE, None),
        (run("mv old.txt moved.txt"), "moved.txt"),
        (run("rm old.txt"), None),
    ],
    ids=["move", "delete", "mv", "rm"],
)
def test_an_open_file_without_unsaved_text(desk: Desk, call: Json, left: str | None) -> None:
    path = desk.world.file("old.txt", "")
    path.write_bytes(BYTES)
    desk.play(call, run("sh -c ls"), {"tool": "read", "input": {"path": "old.txt"}}, "Done.")
    desk.open(path)
    desk.ask_to_fix(path, 1)
    desk.ended("Done.")
    assert tree(desk) == ({left: BYTES} if left else {})
    assert outcomes(desk) == ["completed", "completed", "failed"]
    assert "saved" not in desk.events(CallFinished)[1].content


def test_what_was_typed_is_saved_and_moved_once_that_is_allowed(desk: Desk) -> None:
    path = desk.world.file("old.txt", "one\n")
    desk.play(MOVE, run("sh -c ls"), "Done.")
    spy = desk.open(path)
    spy("append", path, "typed\n")
    desk.ask_to_fix(path, 1)
    question = desk.question("Postil asks to move a file")
    assert question["path"] == str(path)
    desk.answer("Postil asks to move a file")
    desk.ended("Done.")
    (asked,) = desk.events(PermissionAsked)
    assert [it.text for it in asked.question.facts if it.name == "saves"] == ["old.txt"]
    assert tree(desk) == {"new/name.txt": b"one\ntyped\n"}
    assert [it.renamed_from for it in desk.events(FileChanged)] == [str(path)]
    assert outcomes(desk) == ["completed", "completed"]


def test_unsaved_text_that_would_be_lost_keeps_its_file(desk: Desk) -> None:
    path = desk.world.file("old.txt", "one\n")
    desk.play(DELETE, "Done.")
    spy = desk.open(path)
    spy("append", path, "typed\n")
    desk.ask_to_fix(path, 1)
    desk.ended("Done.")
    assert outcomes(desk) == ["failed"]
    assert "old.txt is open with unsaved changes" in desk.events(CallFinished)[0].content
    assert tree(desk) == {"old.txt": b"one\n"}
    assert (spy("dirty", path), spy("text", path)) == (True, "one\ntyped\n")
