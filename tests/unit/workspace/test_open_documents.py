"""Edits of open documents, and what of them is unsaved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from postil.core.errors import (
    EditRefused,
    StaleDocument,
)
from postil.core.ports import Problem, Replacement
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import Buffers, edit


async def test_an_open_document_is_edited_in_the_editor(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "typed\n"
    change = await workspace.apply(edit(path, "typed\n", "typed\nmore\n"), "Add more", "c7")
    assert editor.replacements == [Replacement(path, "typed\n", "typed\nmore\n", "Add more", "c7")]
    assert path.read_text() == "disk\n"
    assert (change.where, change.added, change.removed) == ("buffer", 1, 0)
    for before in ("disk\n", None):
        with pytest.raises(StaleDocument):
            await workspace.apply(edit(path, before, "x"), "", "c")


@pytest.mark.parametrize("data", [b"# caf\xe9\nx = 1\n", b"\xe9" * 40 + b"\nx = 1\n", b"\x81\nx = 1\n"])
async def test_what_the_editor_could_not_read_is_neither_edited_nor_saved(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, data: bytes
) -> None:
    """Its text has U+FFFD where the file has bytes: saved, they would be gone."""
    path = tmp_path / "f"
    path.write_bytes(data)
    shown = data.decode("utf-8", "replace")
    editor.texts[path] = shown
    with pytest.raises(EditRefused, match="replacement characters in f"):
        await workspace.apply(edit(path, shown, shown.replace("x = 1", "x = 2")), "", "c")
    editor.texts[path] = typed = shown + "y = 1\n"
    assert await workspace.save([path]) == [path]
    assert (editor.texts[path], path.read_bytes()) == (typed, data)


async def test_a_replacement_character_of_the_files_own_is_a_character(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("\ufffd\nx = 1\n")
    editor.texts[path] = "\ufffd\nx = 1\n"
    await workspace.apply(edit(path, "\ufffd\nx = 1\n", "\ufffd\nx = 2\n"), "", "c")
    assert editor.texts[path] == "\ufffd\nx = 2\n"


async def test_problems_are_those_of_the_text_that_a_change_left(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "typed\n"
    editor.problems[path] = [Problem(1, "error", "wrong")]
    change = await workspace.apply(edit(path, "typed\n", "more\n"), "", "c")
    assert await workspace.problems(change) == [Problem(1, "error", "wrong")]
    editor.texts[path] = "more and more\n"
    assert await workspace.problems(change) is None
    del editor.texts[path]
    assert await workspace.problems(change) is None


async def test_an_open_document_is_deleted_only_when_saved(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("x\n")
    editor.texts[path] = "y\n"
    with pytest.raises(EditRefused, match="unsaved"):
        await workspace.apply(edit(path, "y\n", None), "", "c")
    editor.texts[path] = "x\n"
    await workspace.apply(edit(path, "x\n", None), "", "c")
    assert not path.exists()


async def test_whose_unsaved_changes_they_are(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    ours, theirs, clean, new = (tmp_path / name for name in ("ours", "theirs", "clean", "new"))
    for path in (ours, theirs, clean):
        path.write_text("x\n")
        editor.texts[path] = "x\n"
    editor.texts[theirs] = "typed\n"
    editor.texts[new] = "typed\n"
    await workspace.apply(edit(ours, "x\n", "y\n"), "", "c")
    await workspace.apply(edit(theirs, "typed\n", "typed\ny\n"), "", "c")
    assert await workspace.unsaved() == [new, ours, theirs]
    assert await workspace.own_unsaved() == [new, theirs]
    await workspace.apply(edit(ours, "y\n", "z\n"), "", "c")
    assert ours not in await workspace.own_unsaved()
    # Saved, and typed in since: now it is the user's, also after another edit of ours.
    assert await workspace.save([ours, clean]) == []
    assert ours.read_text() == "z\n"
    editor.texts[ours] = "z\ntyped\n"
    assert ours in await workspace.own_unsaved()
    await workspace.apply(edit(ours, "z\ntyped\n", "z\ntyped\n!\n"), "", "c")
    assert ours in await workspace.own_unsaved()


async def test_typing_after_an_edit_of_ours_is_the_users_own(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("x\n")
    editor.texts[path] = "x\n"
    await workspace.apply(edit(path, "x\n", "y\n"), "", "c")
    await workspace.apply(edit(path, "y\n", "z\n"), "", "c")
    assert await workspace.own_unsaved() == []
    editor.texts[path] = "z\ntyped\n"
    assert await workspace.own_unsaved() == [path]
    editor.texts[path] = "y\n"  # Undone to what we wrote before.
    assert await workspace.own_unsaved() == []
    editor.texts[path] = "y\ntyped\n"
    await workspace.apply(edit(path, "y\ntyped\n", "y\ntyped\n!\n"), "", "c")
    assert await workspace.own_unsaved() == [path]


async def test_a_save_that_is_not_offered_is_told(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    editor.texts[path] = "x"
    editor.saves = False
    assert await workspace.save([path]) == [path]
    editor.saves = True
    assert await workspace.save([path]) == []


async def test_a_document_that_is_not_open_yet_is_not_saved(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    """After a restart a question may wait for documents that the editor opens in its own time."""
    path, other = tmp_path / "f", tmp_path / "other"
    path.write_text("x\n")
    saved = asyncio.ensure_future(workspace.until_saved([path]))
    await editor.is_waited_for()
    editor.open(other, "typed\n")
    assert await workspace.unsaved() == [other]
    assert not saved.done()
    editor.open(path, "typed\n")
    assert await workspace.unsaved() == [path, other]
    assert not saved.done()
    path.write_text("typed\n")
    editor.tell()
    await saved
