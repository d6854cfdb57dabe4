"""`move` and `delete`: text files alone, only while they are as they were seen, and nothing is moved over a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.core.effects import FileForm, text_hash
from postil.core.errors import EditRefused, InvalidInput, NotFound, NotText, StaleDocument
from postil.core.ports import ToolPorts
from postil.workspace.local import LocalWorkspace
from tests.support.memory_workspace import MemoryShell
from tests.unit.tools.calling import Desk, desk
from tests.unit.workspace.buffers import names


async def test_delete() -> None:
    place = desk({"src/a.py": "x = 1\ny = 2\n"})
    invocation = await place.prepare("delete", path="src/a.py")
    assert invocation.kind == "delete"
    assert invocation.title == "Delete src/a.py"
    (edit,) = invocation.access.edits
    assert (edit.before, edit.after, edit.before_text) == (
        text_hash("x = 1\ny = 2\n"),
        None,
        "x = 1\ny = 2\n",
    )
    result = await place.run(invocation)
    assert result.content == "Deleted src/a.py, 2 lines."
    assert not place.workspace.disk


async def test_move() -> None:
    place = desk({"a.py": "x\n"})
    invocation = await place.prepare("move", path="a.py", to="lib/b.py")
    assert (invocation.kind, invocation.title) == ("move", "Move a.py to lib/b.py")
    assert invocation.access.reads == (place.workspace.at("a.py"),)
    (edit,) = invocation.access.edits
    assert (edit.path, edit.moved_from) == (place.workspace.at("lib/b.py"), place.workspace.at("a.py"))
    result = await place.run(invocation)
    assert result.content == "Moved a.py to lib/b.py."
    assert place.workspace.disk == {place.workspace.at("lib/b.py"): "x\n"}


@pytest.mark.parametrize(
    ("tool", "arguments", "error", "words"),
    [
        ("delete", {"path": "b.py"}, NotFound, "b.py does not exist. Close to it: a.py"),
        ("delete", {"path": "logo.png"}, NotText, "takes text files alone, which can be brought back. Use `shell`"),
        ("move", {"path": "b.py", "to": "c.py"}, NotFound, "Close to it: a.py"),
        ("move", {"path": "logo.png", "to": "c.png"}, NotText, "`move` takes text files alone"),
    ],
)  # fmt: skip
async def test_what_cannot_be(
    tool: str, arguments: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words.replace(".", r"\.")):
        await desk({"a.py": "x\n", "logo.png": b"\0"}).prepare(tool, **arguments)


async def test_nothing_is_moved_over_a_file() -> None:
    place = desk({"a.py": "x\n", "b.py": "y\n"})
    with pytest.raises(InvalidInput, match=r"b\.py exists already\. Name a file that does not"):
        await place.call("move", path="a.py", to="b.py")


class RealDesk(Desk):
    """The same on the disk."""

    def __init__(self, root: Path) -> None:
        self.real = LocalWorkspace([root])
        self.shell = MemoryShell()
        self.progress: list[str] = []
        self.children: list[int] = []

    @property
    def ports(self) -> ToolPorts:
        return ToolPorts(self.real, self.shell)


async def test_a_moved_file_keeps_all_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.sh"
    file.write_bytes(b"\xff\xfeh\0i\0")
    file.chmod(0o750)
    before = file.stat()
    place = RealDesk(tmp_path)
    result = await place.call("move", path="a.sh", to="new/folder/b.sh")
    after = (tmp_path / "new/folder/b.sh").stat()
    assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (
        before.st_ino,
        before.st_mode,
        before.st_mtime_ns,
    )
    assert not file.exists()
    (change,) = result.effects
    assert getattr(change, "renamed_from", None) == file


async def test_a_deletion_says_what_the_file_was(tmp_path: Path) -> None:
    file = tmp_path / "a.sh"
    file.write_bytes(b"\xef\xbb\xbfhi\r\n")
    file.chmod(0o755)
    result = await RealDesk(tmp_path).call("delete", path="a.sh")
    assert not file.exists()
    (change,) = result.effects
    assert getattr(change, "form", None) == FileForm(encoding="utf-8", mark=True, mode=0o755)


async def test_a_file_that_changed_meanwhile_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    place = RealDesk(tmp_path)
    delete = await place.prepare("delete", path="a.txt")
    move = await place.prepare("move", path="a.txt", to="b.txt")
    file.write_text("two")
    for invocation in (delete, move):
        with pytest.raises(StaleDocument):
            await place.run(invocation)
    assert names(tmp_path) == ["a.txt"]


async def test_a_name_that_was_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    place = RealDesk(tmp_path)
    move = await place.prepare("move", path="a.txt", to="b.txt")
    (tmp_path / "b.txt").write_text("other")
    with pytest.raises(EditRefused, match="exists already"):
        await place.run(move)
    assert (tmp_path / "b.txt").read_text() == "other"


async def test_only_the_case_changes(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("x")
    await RealDesk(tmp_path).call("move", path="readme.md", to="README.md")
    assert names(tmp_path) == ["README.md"]
