"""What a command did to the files of open documents: left to the editor, or a question."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.ports import Overtaken
from postil.workspace.local import LocalWorkspace
from tests.support.memory_workspace import MemoryWorkspace
from tests.unit.workspace.buffers import Buffers

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


async def test_a_document_that_shows_the_disk_is_no_question(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "disk\n"
    marks = await workspace.disk_marks()
    path.write_text("other\n")
    editor.texts[path] = "other\n"  # the editor has reloaded it
    assert await workspace.overtaken(marks) == Overtaken()
    editor.texts[path] = "other\nand typed\n"
    assert await workspace.overtaken(marks) == Overtaken((), (path,))
    del editor.texts[path]  # closed meanwhile
    assert await workspace.overtaken(marks) == Overtaken()


async def test_typing_meanwhile_makes_it_dirty(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    path.write_text("disk\n")
    editor.texts[path] = "disk\n"
    marks = await workspace.disk_marks()
    editor.texts[path] = "typed\n"
    assert await workspace.overtaken(marks) == Overtaken(), "the disk is as it was"
    path.write_text("other\n")
    assert await workspace.overtaken(marks) == Overtaken((), (path,))


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
