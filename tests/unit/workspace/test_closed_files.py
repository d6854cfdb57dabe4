"""Edits of files that are not open: whole, checked, byte for byte, or refused with the reason."""

from __future__ import annotations

import asyncio
import codecs
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.changes import EditIntent
from postil.core.effects import FileEdit, text_hash
from postil.core.errors import (
    EditRefused,
    OutsideWorkspace,
    StaleDocument,
)
from postil.workspace.files.disk import is_temporary
from postil.workspace.files.real_disk import RealDisk, RealHandle
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import edit, names


@pytest.mark.parametrize(
    ("data", "before", "after", "expected"),
    [
        (b"a\nb", "a\nb", "a\nc", b"a\nc"),
        (b"a\r\nb\r\n", "a\r\nb\r\n", "a\r\nc\r\n", b"a\r\nc\r\n"),
        (codecs.BOM_UTF8 + b"a", "a", "\u00e9", codecs.BOM_UTF8 + b"\xc3\xa9"),
        ("\ufeffa\n".encode("utf-16-le"), "a\n", "\U0001f600\n", "\ufeff\U0001f600\n".encode("utf-16-le")),
        ("\ufeffa".encode("utf-16-be"), "a", "b", "\ufeffb".encode("utf-16-be")),
        (b"caf\xe9 1\n", "caf\udce9 1\n", "caf\udce9 2\n", b"caf\xe9 2\n"),
        (b"", "", "x", b"x"),
        (b"x\x0cy\n", "x\x0cy\n", "", b""),
    ],
)
async def test_an_edit_changes_nothing_else(
    tmp_path: Path, workspace: LocalWorkspace, data: bytes, before: str, after: str, expected: bytes
) -> None:
    path = tmp_path / "f"
    path.write_bytes(data)
    path.chmod(0o754)
    assert (await workspace.read(path)).text == before
    change = await workspace.apply(edit(path, before, after), "label", "c1")
    assert path.read_bytes() == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o754
    assert (change.before, change.after, change.where) == (text_hash(before), text_hash(after), "disk")
    assert (await workspace.read(path)).hash == change.after
    assert (
        await workspace.settle(EditIntent(path=str(path), before=change.before, after=change.after))
        == "after"
    )
    assert names(tmp_path) == [path.name]


async def test_files_are_created_with_their_folders_and_deleted(
    tmp_path: Path, workspace: LocalWorkspace
) -> None:
    path = tmp_path / "new/deep/f.py"
    assert await workspace.settle(EditIntent(path=str(path), before=None, after="x")) == "before"
    change = await workspace.apply(edit(path, None, "a\nb\n"), "", "c")
    assert path.read_bytes() == b"a\nb\n"
    assert (change.before, change.added, change.removed) == (None, 2, 0)
    assert change.diff.startswith("--- /dev/null\n+++ b/new/deep/f.py\n")
    assert stat.S_IMODE(path.stat().st_mode) & 0o111 == 0
    change = await workspace.apply(edit(path, "a\nb\n", None), "", "c")
    assert not path.exists()
    assert (change.after, change.added, change.removed) == (None, 0, 2)
    assert await workspace.settle(EditIntent(path=str(path), before=change.before, after=None)) == "after"


async def test_stale_edits_are_refused(tmp_path: Path, workspace: LocalWorkspace) -> None:
    path = tmp_path / "f"
    path.write_text("new")
    for before, after in (("old", "x"), ("old", None), (None, "x")):
        with pytest.raises(StaleDocument):
            await workspace.apply(edit(path, before, after), "", "c")
    with pytest.raises(StaleDocument, match="gone"):
        await workspace.apply(edit(tmp_path / "none", "old", "x"), "", "c")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(EditRefused):
        await workspace.apply(edit(tmp_path / "dangling", None, "x"), "", "c")
    assert path.read_text() == "new"
    assert await workspace.settle(EditIntent(path=str(path), before="x", after=None)) == "neither"


async def test_what_must_not_be_written_is_refused(tmp_path: Path, workspace: LocalWorkspace) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    os.link(path, tmp_path / "g")
    with pytest.raises(EditRefused, match="1 other hard link;"):
        await workspace.apply(edit(path, "x", "y"), "", "c")
    (tmp_path / "g").unlink()
    path.chmod(0o444)
    with pytest.raises(EditRefused, match="read-only"):
        await workspace.apply(edit(path, "x", "y"), "", "c")
    path.chmod(0o644)
    for text in ("a\0b", "\ud800"):
        with pytest.raises(EditRefused):
            await workspace.apply(edit(path, "x", text), "", "c")
    with pytest.raises(EditRefused, match="outside the workspace"):
        await workspace.apply(edit(tmp_path.parent / "f", None, "y"), "", "c")
    with pytest.raises(EditRefused, match="was not written"):
        await workspace.apply(edit(path / "below", None, "y"), "", "c")
    path.write_bytes(b"caf\xe9 and more text\n")
    with pytest.raises(EditRefused, match="mix two"):
        await workspace.apply(edit(path, "caf\udce9 and more text\n", "é"), "", "c")
    assert path.read_bytes() == b"caf\xe9 and more text\n"


async def test_links_inside_are_followed_to_their_target(tmp_path: Path, workspace: LocalWorkspace) -> None:
    (tmp_path / "target").write_text("x")
    (tmp_path / "link").symlink_to("target")
    path = workspace.resolve("link")
    await workspace.apply(edit(path, "x", "y"), "", "c")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "y"
    (tmp_path / "outside").symlink_to(tmp_path.parent)
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("outside/x")


async def test_a_folder_that_became_a_link_is_refused(tmp_path: Path, workspace: LocalWorkspace) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/f").write_text("x")
    path = workspace.resolve("d/f")
    (tmp_path / "d").rename(tmp_path / "e")
    (tmp_path / "d").symlink_to("e")
    with pytest.raises(EditRefused, match="became a symbolic link after"):
        await workspace.apply(edit(path, "x", "y"), "", "c")
    with pytest.raises(OutsideWorkspace, match="became a symbolic link after"):
        await workspace.read(path)


class BrokenDisk(RealDisk):
    """A disk that fails at one step."""

    def __init__(self, step: str) -> None:
        self.step = step

    def rename(self, source: Path, target: Path) -> None:
        if self.step == "rename":
            raise OSError(errno.ENOSPC, "No space left on device")
        super().rename(source, target)

    def sync_dir(self, path: Path) -> None:
        if self.step == "sync_dir":
            raise OSError(errno.EIO, "Input/output error")
        super().sync_dir(path)


class MeddledDisk(RealDisk):
    """A disk where something else writes while the new content is being made ready."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        self._meddle = meddle

    def _new(self, path: Path, mode: int) -> RealHandle:
        self._meddle()
        return super()._new(path, mode)


def _same_size_and_time(path: Path) -> None:
    before = path.stat()
    path.write_text("X")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


MEDDLING: dict[str, Callable[[Path], object]] = {
    "written": lambda path: path.write_text("theirs"),
    "written within the clock's tick": _same_size_and_time,
    "removed": lambda path: path.unlink(),
    "made private": lambda path: path.chmod(0o600),
    "linked": lambda path: os.link(path, path.with_name("other")),
    "moved": lambda path: path.rename(path.with_name("moved")),
    "made a folder": lambda path: (path.unlink(), path.mkdir()),
    "made a link": lambda path: (path.rename(path.with_name("moved")), path.symlink_to("moved")),
}


@pytest.mark.parametrize("how", MEDDLING)
async def test_what_happens_at_the_last_moment_is_not_overwritten(tmp_path: Path, how: str) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    path.chmod(0o644)
    workspace = LocalWorkspace([tmp_path], disk=MeddledDisk(lambda: MEDDLING[how](path)))
    with pytest.raises((StaleDocument, EditRefused)):
        await workspace.apply(edit(path, "x", "y"), "", "c")
    assert not path.is_file() or path.read_text() != "y"
    assert not any(is_temporary(name) for name in names(tmp_path))
    workspace.close()


async def test_a_file_that_appears_at_the_last_moment_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "f"
    workspace = LocalWorkspace([tmp_path], disk=MeddledDisk(lambda: path.write_text("theirs")))
    with pytest.raises(StaleDocument, match="f exists already"):
        await workspace.apply(edit(path, None, "ours"), "", "c")
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["f"]
    workspace.close()


class LateDisk(RealDisk):
    """A disk where something else writes a file in the very last moment before it gets its name."""

    def rename(self, source: Path, target: Path) -> None:
        target.write_text("theirs")
        super().rename(source, target)

    def rename_free(self, source: Path, target: Path) -> None:
        target.write_text("theirs")
        super().rename_free(source, target)


@pytest.mark.parametrize("moved", [False, True], ids=["create", "move"])
async def test_a_name_that_is_taken_between_the_check_and_the_rename_is_kept(
    tmp_path: Path, moved: bool
) -> None:
    source, path = tmp_path / "source", tmp_path / "f"
    source.write_text("theirs")  # the same bytes: what lies there is still not what was moved
    workspace = LocalWorkspace([tmp_path], disk=LateDisk())
    move = FileEdit(path, text_hash("theirs"), "theirs", "theirs", None, source)
    with pytest.raises((StaleDocument, EditRefused), match="f exists already"):
        await workspace.apply(move if moved else edit(path, None, "theirs"), "", "c")
    assert (path.read_text(), source.read_text()) == ("theirs", "theirs")
    assert names(tmp_path) == ["f", "source"]
    workspace.close()


async def test_marks_are_neither_added_nor_lost(tmp_path: Path, workspace: LocalWorkspace) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a")
    with pytest.raises(EditRefused, match="byte order mark"):
        await workspace.apply(edit(path, "a", "\ufeffb"), "", "c")
    path.write_bytes(2 * codecs.BOM_UTF8 + b"a")
    await workspace.apply(edit(path, "\ufeffa", "\ufeffb"), "", "c")
    assert path.read_bytes() == 2 * codecs.BOM_UTF8 + b"b"
    change = await workspace.apply(edit(tmp_path / "new", None, "\ufeffb"), "", "c")
    assert (tmp_path / "new").read_bytes() == codecs.BOM_UTF8 + b"b"
    assert change.after == text_hash("b")


async def test_an_edit_that_would_make_a_file_unreadable_is_refused(
    tmp_path: Path, workspace: LocalWorkspace
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"plain\n" * 40 + b"\xe9" * 20)
    text = (await workspace.read(path)).text
    with pytest.raises(EditRefused, match="could not be read as text afterwards"):
        await workspace.apply(edit(path, text, text.replace("plain\n", "")), "", "c")


async def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    workspace = LocalWorkspace([tmp_path], disk=BrokenDisk("rename"))
    with pytest.raises(EditRefused, match=r"no space left on device\. The disk is full: tell the user\."):
        await workspace.apply(edit(path, "x", "y"), "", "c")
    assert path.read_text() == "x"
    assert names(tmp_path) == [path.name]
    workspace.close()


async def test_a_failure_after_the_change_is_a_change(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    workspace = LocalWorkspace([tmp_path], disk=BrokenDisk("sync_dir"))
    change = await workspace.apply(edit(path, "x", "y"), "", "c")
    assert change.after == text_hash("y")
    assert (
        change.doubt == "The disk did not promise to keep it, so a power cut may undo it: input/output error."
    )
    assert path.read_text() == "y"
    workspace.close()


async def test_cancelling_an_edit_waits_for_its_end(tmp_path: Path, workspace: LocalWorkspace) -> None:
    path = tmp_path / "f"
    path.write_text("x")
    task = asyncio.create_task(workspace.apply(edit(path, "x", "y"), "", "c"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (
        await workspace.settle(EditIntent(path=str(path), before=text_hash("x"), after=text_hash("y")))
        == "after"
    )
