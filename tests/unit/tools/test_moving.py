"""`move` and `delete`: text files alone, only while they are as they were seen, and nothing is moved over a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from postil.agent.calls.intent import intent_of
from postil.core.effects import FileForm, text_hash
from postil.core.errors import EditRefused, InvalidInput, NotFound, NotText, StaleDocument
from postil.core.ports import ToolPorts
from postil.workspace.local import LocalWorkspace
from tests.support.memory_shell import MemoryShell
from tests.unit.tools.calling import Desk, desk
from tests.unit.tools.sight import Sight
from tests.unit.workspace.buffers import Buffers, names


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
        self.editor = Buffers()
        self.real = LocalWorkspace([root], self.editor)
        self.shell = MemoryShell()
        self.progress: list[str] = []
        self.children: list[int] = []
        self.seen = Sight()

    @property
    def ports(self) -> ToolPorts:
        return ToolPorts(self.real, self.shell, seen=self.seen.get)


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


@pytest.mark.parametrize("text", ["one", "other"])
async def test_a_move_that_was_refused_for_another_file_was_not_made(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text("one")
    place = RealDesk(tmp_path)
    move = await place.prepare("move", path="a.txt", to="b.txt")
    intent = intent_of(move.access.edits[0])
    (tmp_path / "b.txt").write_text(text)
    with pytest.raises(EditRefused, match="exists already"):
        await place.run(move)
    assert await place.real.settle(intent) == "before"
    (tmp_path / "b.txt").unlink()
    (tmp_path / "b.txt").hardlink_to(tmp_path / "a.txt")
    assert await place.real.settle(intent) == "neither", "as a kill leaves it where a rename takes two steps"


async def test_only_the_case_changes(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("x")
    await RealDesk(tmp_path).call("move", path="readme.md", to="README.md")
    assert names(tmp_path) == ["README.md"]


async def test_what_was_typed_is_saved_first_and_moved_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    place = RealDesk(tmp_path)
    place.editor.texts[file] = "one\ntyped\n"
    move = await place.prepare("move", path="a.txt", to="b.txt")
    assert move.access.saves == (file,)
    assert [it.name for it in move.preview.facts] == ["from", "to", "saves", "overwrites"]
    result = await place.run(move)
    assert names(tmp_path) == ["b.txt"]
    assert (tmp_path / "b.txt").read_text() == "one\ntyped\n"
    (change,) = result.effects
    assert getattr(change, "after", None) == text_hash("one\ntyped\n")


async def test_edits_of_our_own_are_saved_without_a_word(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    place = RealDesk(tmp_path)
    place.editor.texts[file] = "one\n"
    await place.call("edit", path="a.txt", edits=[{"old": "one", "new": "1"}])
    move = await place.prepare("move", path="a.txt", to="b.txt")
    assert move.access.saves == ()
    await place.run(move)
    assert (tmp_path / "b.txt").read_text() == "1\n"


async def test_what_is_typed_after_the_question_is_not_saved_unasked(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    place = RealDesk(tmp_path)
    place.editor.texts[file] = "typed\n"
    move = await place.prepare("move", path="a.txt", to="b.txt")
    place.editor.texts[file] = "typed more\n"
    with pytest.raises(StaleDocument):
        await place.run(move)
    assert file.read_text() == "one\n"


@pytest.mark.parametrize("offered", [True, False])
async def test_unsaved_text_stays_where_it_is_not_saved(tmp_path: Path, *, offered: bool) -> None:
    """Whether the editor does not offer to save, or does not do it."""
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    place = RealDesk(tmp_path)
    place.editor.can_save, place.editor.saves = offered, False
    place.editor.texts[file] = "typed\n"
    with pytest.raises(EditRefused, match=r"a\.txt is open with unsaved changes\. Ask the user to save"):
        await place.call("move", path="a.txt", to="b.txt")
    assert names(tmp_path) == ["a.txt"]
    assert place.editor.texts[file] == "typed\n"


async def test_a_document_whose_file_is_gone_counts_as_closed(tmp_path: Path) -> None:
    """Editors go on showing it. It is no unsaved text, saving it would make the file again."""
    place = RealDesk(tmp_path)
    for name, tool in (("a.txt", "delete"), ("b.txt", "move")):
        (tmp_path / name).write_text("one\n")
        place.editor.texts[tmp_path / name] = "one\n"
        await place.call(tool, path=name, **({"to": "c.txt"} if tool == "move" else {}))
    assert await place.real.unsaved() == []
    with pytest.raises(NotFound):
        await place.real.read(tmp_path / "a.txt")
    await place.call("move", path="c.txt", to="b.txt")
    assert (await place.real.read(tmp_path / "b.txt")).where == "buffer"
    place.editor.texts[tmp_path / "a.txt"] = "one\ntyped\n"
    assert await place.real.own_unsaved() == [tmp_path / "a.txt"]


async def test_a_move_that_broke_off_before_its_save_has_not_begun(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    place = RealDesk(tmp_path)
    place.editor.texts[file] = "typed\n"
    move = await place.prepare("move", path="a.txt", to="b.txt")
    intent = intent_of(move.access.edits[0])
    assert await place.real.settle(intent) == "before"
    await place.run(move)
    assert await place.real.settle(intent) == "after"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("delete", {"path": "link.py"}),
        ("delete", {"path": "d/../link.py"}),
        ("move", {"path": "link.py", "to": "b.py"}),
        ("move", {"path": "a.py", "to": "dangling.py"}),
        ("delete", {"path": "dangling.py"}),
    ],
)
async def test_a_link_is_named_and_left(tmp_path: Path, tool: str, arguments: dict[str, str]) -> None:
    """What lies behind it has another name than the one that was said, and a person would approve the wrong thing."""
    place = RealDesk(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "a.py").write_text("x\n")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "dangling.py").symlink_to("none.py")
    before = names(tmp_path)
    invocation = await place.prepare(tool, **arguments)
    assert not invocation.access.edits
    assert invocation.title == f"{tool.capitalize()} {' to '.join(arguments.values())} (cannot be done)"
    with pytest.raises(
        InvalidInput, match=rf"is a symbolic link to (a|none)\.py; `{tool}` takes files, not links"
    ):
        await place.run(invocation)
    assert names(tmp_path) == before
    assert (tmp_path / "a.py").read_text() == "x\n"


async def test_a_file_below_a_link_is_that_file(tmp_path: Path) -> None:
    place = RealDesk(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.py").write_text("x\n")
    (tmp_path / "e").symlink_to("d")
    await place.run(await place.prepare("delete", path="e/a.py"))
    assert names(tmp_path / "d") == []


async def test_deleting_what_is_open_and_unsaved_is_refused_for_that(tmp_path: Path) -> None:
    """Not for having changed: reading it once more would help nothing."""
    file = tmp_path / "a.txt"
    file.write_text("one\n")
    place = RealDesk(tmp_path)
    place.editor.texts[file] = "typed\n"
    await place.call("read", path="a.txt")
    with pytest.raises(EditRefused, match=r"a\.txt is open with unsaved changes\. Ask the user to save"):
        await place.call("delete", path="a.txt")
    assert file.read_text() == "one\n"


@pytest.mark.parametrize(
    ("tool", "more"), [("read", {}), ("edit", {"edits": [{"old": "one", "new": "two"}]})]
)
async def test_a_link_to_nothing_is_named_as_what_it_is(
    tool: str, more: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / "dangling.py").symlink_to("none.py")
    with pytest.raises(
        NotFound, match=r"^dangling\.py is a symbolic link to none\.py, which does not exist\."
    ):
        await RealDesk(tmp_path).call(tool, path="dangling.py", **more)
