"""Typing told from what something else has written, and from what crosses it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.effects import FileEdit, text_hash
from postil.core.errors import StaleDocument
from postil.core.ports import SearchQuery
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import Buffers, edit

OLD, NEW, TYPED = "old = 1\n", "new = 1\n", "old = 1\n# typed\n"


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda path: path.write_text(NEW),
    "gone": lambda path: path.unlink(),
}


def made(folder: Path) -> Path:
    """Make a file."""
    path = folder / "f.py"
    path.write_text(OLD)
    return path


async def test_what_something_else_wrote_is_nobodys_typing(
    workspace: LocalWorkspace, editor: Buffers, tmp_path: Path
) -> None:
    path = made(tmp_path)
    editor.texts[path] = OLD
    assert await workspace.unsaved() == []
    path.write_text(NEW)
    assert await workspace.unsaved() == []
    view = await workspace.read(path)
    assert (view.text, view.where) == (NEW, "disk")
    assert [it.text for it in (await workspace.grep(SearchQuery("=", path.parent))).matches] == ["new = 1"]
    assert await workspace.save([path]) == []
    assert path.read_text() == NEW, "nobody saves the older text over it"
    with pytest.raises(StaleDocument):
        await workspace.apply(edit(path, OLD, "x\n"), "", "c")
    change = await workspace.apply(edit(path, NEW, "newer = 1\n"), "", "c")
    assert (change.where, editor.texts[path]) == ("disk", OLD)
    editor.show(path, "newer = 1\n")
    assert (await workspace.read(path)).where == "buffer"


@pytest.mark.parametrize("how", CHANGES)
async def test_both_changed(workspace: LocalWorkspace, editor: Buffers, tmp_path: Path, how: str) -> None:
    path = made(tmp_path)
    editor.texts[path] = OLD
    assert await workspace.crossed() == {}
    editor.show(path, TYPED)
    assert (await workspace.own_unsaved(), await workspace.crossed()) == ([path], {})
    CHANGES[how](path)
    assert (await workspace.own_unsaved(), await workspace.crossed()) == ([path], {path: True})
    assert (await workspace.read(path)).text == TYPED
    assert await workspace.save([path]) == []
    assert (await workspace.crossed(), path.read_text()) == ({}, TYPED)


async def test_what_was_unsaved_before_it_was_first_seen_may_hide_what_something_else_wrote(
    workspace: LocalWorkspace, editor: Buffers, tmp_path: Path
) -> None:
    path, new = made(tmp_path), tmp_path / "new.py"
    editor.texts[path] = editor.texts[new] = TYPED
    assert (await workspace.own_unsaved(), await workspace.crossed()) == ([path, new], {path: False})
    editor.show(path, TYPED + "more\n")
    assert await workspace.crossed() == {path: False}, "typing on tells nothing"
    path.write_text(NEW)
    assert await workspace.crossed() == {path: True}
    assert await workspace.save([path]) == []
    editor.show(path, TYPED)
    assert (await workspace.own_unsaved(), await workspace.crossed()) == ([path, new], {}), (
        "it has shown its file"
    )


async def test_an_edit_of_ours_that_is_crossed_is_not_saved_unasked(
    workspace: LocalWorkspace, editor: Buffers, tmp_path: Path
) -> None:
    path = made(tmp_path)
    editor.texts[path] = OLD
    await workspace.apply(edit(path, OLD, "ours = 1\n"), "", "c")
    assert (await workspace.unsaved(), await workspace.own_unsaved()) == ([path], [])
    path.write_text(NEW)
    assert (await workspace.own_unsaved(), await workspace.crossed()) == ([path], {path: True})


async def test_a_document_is_looked_at_when_it_is_opened(
    workspace: LocalWorkspace, editor: Buffers, tmp_path: Path
) -> None:
    path = made(tmp_path)
    editor.open(path, OLD)
    await workspace.entries(path.parent.parent)  # it waits for the look that has begun
    path.write_text(NEW)
    assert await workspace.unsaved() == []


async def test_one_that_was_never_seen_to_show_its_file_counts_as_typed_in(
    workspace: LocalWorkspace, editor: Buffers, tmp_path: Path
) -> None:
    path = made(tmp_path)
    editor.texts[path] = TYPED
    assert await workspace.own_unsaved() == [path]
    editor.show(path, OLD)
    assert await workspace.unsaved() == []
    path.write_text(NEW)
    assert await workspace.unsaved() == []
    del editor.texts[path]
    assert await workspace.unsaved() == []
    editor.texts[path] = OLD
    assert await workspace.own_unsaved() == [path], "opened anew, with a text that its file never had since"


class TypedInto(RealDisk):
    """A disk with somebody who types while it works."""

    def __init__(self) -> None:
        self.types: Callable[[], None] = lambda: None

    def remove(self, path: Path) -> None:
        self.types()
        super().remove(path)

    def rename_free(self, source: Path, target: Path) -> None:
        self.types()
        super().rename_free(source, target)


@pytest.mark.parametrize("moved", [False, True], ids=["delete", "move"])
async def test_typing_that_crosses_a_deletion_or_a_move_is_unsaved(
    tmp_path: Path, editor: Buffers, moved: bool
) -> None:
    path = made(tmp_path)
    disk = TypedInto()
    workspace = LocalWorkspace([tmp_path], editor, disk)
    editor.texts[path] = OLD
    disk.types = lambda: editor.texts.update({path: TYPED})
    to = tmp_path / "to.py"
    going = FileEdit(to, text_hash(OLD), OLD, OLD, None, path) if moved else edit(path, OLD, None)
    await workspace.apply(going, "", "c")
    assert await workspace.own_unsaved() == [path]
    with pytest.raises(StaleDocument):
        await workspace.apply(edit(path, None, "written\n"), "", "c")
    assert not path.exists()
    disk.types = lambda: None
    editor.show(path, OLD)  # undone
    assert await workspace.unsaved() == []
    workspace.close()
