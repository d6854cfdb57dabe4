"""What a command did to the files of open documents: left to the editor, or a question."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.errors import NotFound, StaleDocument
from postil.core.ports import Overtaken, SearchQuery
from postil.workspace.buffers import overtaking
from postil.workspace.local import LocalWorkspace
from tests.support.memory_workspace import MemoryWorkspace
from tests.unit.workspace.buffers import Buffers, edit

Command = Callable[[Path], object]
CHANGES: dict[str, Command] = {
    "written": lambda path: path.write_text("other\n"),
    "written in the same tick": lambda path: (
        path.write_text("DISK\n"),
        os.utime(path, ns=(1_000_000_000, 1_000_000_000)),
    ),
    "removed": lambda path: path.unlink(),
    "made a folder": lambda path: (path.unlink(), path.mkdir()),
    "made binary": lambda path: path.write_bytes(b"\0\1"),
    "emptied": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("how", CHANGES)
async def test_a_clean_buffer_is_left_to_the_editor_and_a_dirty_one_is_a_question(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, how: str
) -> None:
    clean, dirty, closed = (tmp_path / name for name in ("clean", "dirty", "closed"))
    for path in (clean, dirty, closed):
        path.write_text("disk\n")
        os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    editor.texts[clean] = "disk\n"
    editor.texts[dirty] = "typed\n"
    marks = await workspace.disk_marks()
    assert set(marks) == {clean, dirty}
    assert await workspace.overtaken(marks) == Overtaken()
    for path in (clean, dirty, closed):
        CHANGES[how](path)
    assert await workspace.overtaken(marks) == Overtaken((clean,), (dirty,))


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give editors no time to reload."""
    monkeypatch.setattr(overtaking, "RELOAD_SECONDS", 0.0)


async def test_a_document_that_shows_the_disk_is_no_question(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "disk\n"
    marks = await workspace.disk_marks()
    path.write_text("other\n")
    editor.texts[path] = "other\n"  # the editor has reloaded it
    assert await workspace.overtaken(marks) == Overtaken()
    editor.texts[path] = "other\nand typed\n"
    at_once(monkeypatch)
    assert await workspace.overtaken(marks) == Overtaken(), "typed in since, on the new text"
    path.write_text("another\n")
    assert await workspace.overtaken(marks) == Overtaken((), (path,))
    del editor.texts[path]  # closed meanwhile
    assert await workspace.overtaken(marks) == Overtaken()


async def test_typing_meanwhile_makes_it_dirty(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch)
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "disk\n"
    marks = await workspace.disk_marks()
    editor.texts[path] = "typed\n"
    assert await workspace.overtaken(marks) == Overtaken(), "the disk is as it was"
    path.write_text("other\n")
    assert await workspace.overtaken(marks) == Overtaken((), (path,))


async def test_a_document_that_is_reloaded_halfway_through_is_given_time(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "disk\n"
    marks = await workspace.disk_marks()
    path.write_text("all\n")
    editor.texts[path] = "half\n"
    found = asyncio.ensure_future(workspace.overtaken(marks))
    await editor.is_waited_for()
    editor.show(path, "all\n")
    assert await found == Overtaken()


async def test_a_document_that_is_behind_counts_as_closed_until_it_is_reloaded(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f.py"
    path.write_text("old = 1\n")
    editor.texts[path] = "old = 1\n"
    marks = await workspace.disk_marks()
    path.write_text("new = 1\n")
    assert await workspace.overtaken(marks) == Overtaken((path,))
    view = await workspace.read(path)
    assert (view.text, view.where) == ("new = 1\n", "disk")
    assert [it.text for it in (await workspace.grep(SearchQuery("=", tmp_path))).matches] == ["new = 1"]
    assert await workspace.unsaved() == []
    assert await workspace.save([path]) == []
    with pytest.raises(StaleDocument):
        await workspace.apply(edit(path, "old = 1\n", "old = 2\n"), "L", "c1")
    change = await workspace.apply(edit(path, "new = 1\n", "new = 2\n"), "L", "c1")
    assert (change.where, path.read_text(), editor.texts[path]) == ("disk", "new = 2\n", "old = 1\n")
    # A second command, while the editor still shows the oldest text.
    marks = await workspace.disk_marks()
    path.write_text("newer = 1\n")
    assert await workspace.overtaken(marks) == Overtaken((path,))
    assert (await workspace.read(path)).text == "newer = 1\n"
    editor.show(path, "newer = 1\n")
    assert (await workspace.read(path)).where == "buffer"
    change = await workspace.apply(edit(path, "newer = 1\n", "newer = 2\n"), "L", "c2")
    assert (change.where, path.read_text(), editor.texts[path]) == ("buffer", "newer = 1\n", "newer = 2\n")


async def test_typing_in_a_document_that_is_behind_is_read_again(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path, gone = tmp_path / "f", tmp_path / "gone"
    for it in (path, gone):
        it.write_text("disk\n")
        editor.texts[it] = "disk\n"
    marks = await workspace.disk_marks()
    path.write_text("other\n")
    gone.unlink()
    assert await workspace.overtaken(marks) == Overtaken((path, gone))
    with pytest.raises(NotFound):
        await workspace.read(gone)
    assert [it.name for it in await workspace.entries(tmp_path)] == ["f"]
    editor.show(path, "disk\ntyped\n")
    assert (await workspace.read(path)).text == "disk\ntyped\n"
    assert await workspace.own_unsaved() == [path]
    del editor.texts[gone]
    await workspace.apply(edit(gone, None, "again\n"), "L", "c1")
    assert gone.read_text() == "again\n"


async def test_saving_meanwhile_is_nothing(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path, new = tmp_path / "f", tmp_path / "new"
    path.write_text("disk\n")
    editor.texts |= {path: "typed\n", new: "typed\n"}
    marks = await workspace.disk_marks()
    assert await workspace.save([path, new]) == []
    assert await workspace.overtaken(marks) == Overtaken()


async def test_a_document_without_a_file_that_gets_one(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "new"
    editor.texts[path] = "typed\n"
    marks = await workspace.disk_marks()
    path.write_text("made by the command\n")
    editor.texts[tmp_path / "later"] = "opened since\n"
    assert await workspace.overtaken(marks) == Overtaken((), (path,))


async def test_a_document_that_is_opened_while_the_command_runs(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(monkeypatch)
    seen, typed, unseen, calm = (tmp_path / name for name in ("seen", "typed", "unseen", "calm"))
    for path in (seen, typed, unseen, calm):
        path.write_text("old\n")
    marks = await workspace.disk_marks()
    for path in (seen, typed, calm):
        editor.open(path, "old\n")
    await workspace.unsaved()  # by then they were looked at
    editor.show(typed, "old\ntyped\n")
    editor.show(calm, "old\ntyped\n")
    editor.texts[unseen] = "old\n"  # and this one not yet: nobody knows whether it was typed
    for path in (seen, typed, unseen):
        path.write_text("new\n")
    assert await workspace.overtaken(marks) == Overtaken((seen,), (typed, unseen))
    assert (await workspace.read(seen)).text == "new\n"


async def test_encodings_and_files_too_large_to_read(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    wide, huge = tmp_path / "wide", tmp_path / "huge"
    wide.write_bytes("\ufeffdisk\n".encode("utf-16-le"))
    with huge.open("wb") as file:
        file.truncate(20_000_000)
    editor.texts |= {wide: "disk\n", huge: "\0"}
    marks = await workspace.disk_marks()
    assert await workspace.overtaken(marks) == Overtaken()
    wide.write_bytes("\ufeffother\n".encode("utf-16-le"))
    with huge.open("r+b") as file:
        file.truncate(20_000_001)
    assert await workspace.overtaken(marks) == Overtaken((wide,), (huge,))


async def test_the_workspace_in_memory_says_the_same() -> None:
    memory = MemoryWorkspace({"clean": "disk\n", "dirty": "disk\n", "seen": "disk\n", "same": "disk\n"})
    for name in ("clean", "dirty", "seen", "same"):
        memory.open(name)
    memory.type("dirty", "typed\n")
    marks = await memory.disk_marks()
    assert await memory.overtaken(marks) == Overtaken()
    for name in ("clean", "dirty", "seen"):
        memory.disk[memory.at(name)] = "other\n"
    memory.type("seen", "other\n")
    assert await memory.overtaken(marks) == Overtaken((memory.at("clean"),), (memory.at("dirty"),))
