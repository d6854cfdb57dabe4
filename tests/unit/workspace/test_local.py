"""The workspace port: reads, edits where the file lives, and what is unsaved."""

from __future__ import annotations

import asyncio
import codecs
import errno
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from postil.core.effects import FileEdit, text_hash
from postil.core.errors import (
    EditRefused,
    Ignored,
    NotFound,
    NotText,
    OutsideWorkspace,
    StaleDocument,
    TooLarge,
    ToolError,
)  # fmt: skip
from postil.core.ports import OpenDocument, Replacement, Workspace
from postil.workspace.local import LocalWorkspace
from postil.workspace.real_disk import RealDisk


class Buffers:
    """An editor that takes every replacement whose text is right."""

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}
        self.replacements: list[Replacement] = []
        self.saves = True

    def document(self, path: Path) -> OpenDocument | None:
        return OpenDocument(path, self.texts[path], 1) if path in self.texts else None

    def documents(self) -> Sequence[OpenDocument]:
        return [OpenDocument(path, text, 1) for path, text in self.texts.items()]

    async def replace(self, change: Replacement) -> None:
        if self.texts[change.path] != change.before:
            raise StaleDocument("moved on")
        self.replacements.append(change)
        self.texts[change.path] = change.after

    async def save(self, path: Path) -> bool:
        if self.saves:
            await asyncio.to_thread(path.write_text, self.texts[path], newline="")
        return self.saves


@pytest.fixture
def editor() -> Buffers:
    return Buffers()


@pytest.fixture
async def workspace(tmp_path: Path, editor: Buffers) -> AsyncIterator[LocalWorkspace]:
    workspace = LocalWorkspace([tmp_path], editor)
    yield workspace
    workspace.close()


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def edit(path: Path, before: str | None, after: str | None) -> FileEdit:
    return FileEdit(path, text_hash(before) if before is not None else None, after)


def test_it_is_the_port(workspace: LocalWorkspace) -> None:
    port: Workspace = workspace
    assert port.roots == workspace.roots


# --- Reading ---------------------------------------------------------------------------------------------------


async def test_a_buffer_wins_over_the_disk(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "a.py"
    path.write_text("disk\n")
    view = await workspace.read(path)
    assert (view.text, view.where, view.unsaved, view.hash) == ("disk\n", "disk", False, text_hash("disk\n"))
    editor.texts[path] = "disk\n"
    view = await workspace.read(path)
    assert (view.where, view.unsaved) == ("buffer", False)
    editor.texts[path] = "typed\n"
    view = await workspace.read(path)
    assert (view.text, view.where, view.unsaved) == ("typed\n", "buffer", True)
    editor.texts[tmp_path / "new"] = ""
    assert (await workspace.read(tmp_path / "new")).unsaved


async def test_what_cannot_be_read_says_why(tmp_path: Path, workspace: LocalWorkspace) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "binary").write_bytes(b"\x7fELF\0")
    (tmp_path / "gbk").write_bytes("这个文件不是统一码编码的文本".encode("gbk"))
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2_000_000_000)
    for name, kind, words in (
        ("pipe", NotText, "pipe is a pipe"),
        (".", NotText, ". is a folder"),
        ("binary", NotText, "binary cannot be read as text. It is binary."),
        ("gbk", NotText, "are not UTF-8"),
        ("huge", TooLarge, "huge has 2,000,000,000 bytes; the limit is 10,000,000."),
        ("none/x", NotFound, "none/x does not exist."),
        ("huge/x", NotFound, "does not exist"),
        ("x" * 300, NotFound, "too long"),
    ):
        with pytest.raises(kind) as caught:
            await workspace.read(tmp_path / name)
        assert words in str(caught.value)
    with pytest.raises(NotText, match="is a device"):
        await workspace.read(Path("/dev/null"))


async def test_endless_files_of_the_system_are_limited(workspace: LocalWorkspace) -> None:
    assert (await workspace.read(Path("/proc/cpuinfo"))).text


async def test_unreadable_files(tmp_path: Path, workspace: LocalWorkspace) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0)
    if os.access(tmp_path / "a", os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(ToolError, match="permission denied"):
        await workspace.read(tmp_path / "a")


async def test_a_missing_root_is_a_clear_result(tmp_path: Path) -> None:
    workspace = LocalWorkspace([tmp_path / "none"])
    with pytest.raises(NotFound):
        await workspace.entries(tmp_path / "none")
    with pytest.raises(NotFound):
        await workspace.glob("*", tmp_path / "none", 10)
    with pytest.raises(NotFound):
        await workspace.read(tmp_path / "none/x")
    workspace.close()


async def test_twenty_reads_at_once_are_quick(tmp_path: Path, workspace: LocalWorkspace) -> None:
    for number in range(20):
        (tmp_path / f"{number}").write_text(f"line {number}\n" * 500)
    await workspace.read(tmp_path / "0")
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        views = await asyncio.gather(*(workspace.read(tmp_path / f"{n}") for n in range(20)))
        best = min(best, time.perf_counter() - began)
        assert len({view.hash for view in views}) == 20
    assert best < 0.04


async def test_ignored_files_do_not_exist_for_the_agent(tmp_path: Path, workspace: LocalWorkspace) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("secret.txt", "sub/secret.txt", "sub/open.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".postilignore").write_text("/secret.txt\n")
    assert [entry.name for entry in await workspace.entries(tmp_path)] == [".postilignore", "sub"]
    with pytest.raises(Ignored):
        workspace.resolve("secret.txt")
    with pytest.raises(Ignored):
        await workspace.read(tmp_path / "secret.txt")
    with pytest.raises(Ignored):
        await workspace.apply(edit(tmp_path / "secret.txt", "x", "y"), "", "c")
    workspace.resolve("sub/secret.txt")
    (tmp_path / "sub/.postilignore").write_text("secret.*\n")
    with pytest.raises(Ignored):
        workspace.resolve("sub/secret.txt")
    (tmp_path / ".postilignore").write_text("sub/\n*.new\n")
    workspace.resolve("secret.txt")
    for name in ("sub", "sub/open.txt", "sub/deep/none", "x.new"):
        with pytest.raises(Ignored):
            workspace.resolve(name)


async def test_entries(tmp_path: Path, workspace: LocalWorkspace) -> None:
    (tmp_path / "b").write_text("123")
    (tmp_path / "a").mkdir()
    (tmp_path / "l").symlink_to("b")
    os.mkfifo(tmp_path / "p")
    found = [(entry.name, entry.kind, entry.size) for entry in await workspace.entries(tmp_path)]
    assert found == [("a", "folder", 0), ("b", "file", 3), ("l", "link", 0), ("p", "other", 0)]
    with pytest.raises(NotFound, match="b is a file, not a folder"):
        await workspace.entries(tmp_path / "b")


# --- Files that are not open ----------------------------------------------------------------------------------------


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
    assert await workspace.settle(path, change.before, change.after) == "after"
    assert names(tmp_path) == [path.name]


async def test_files_are_created_with_their_folders_and_deleted(
    tmp_path: Path, workspace: LocalWorkspace
) -> None:
    path = tmp_path / "new/deep/f.py"
    assert await workspace.settle(path, None, "x") == "before"
    change = await workspace.apply(edit(path, None, "a\nb\n"), "", "c")
    assert path.read_bytes() == b"a\nb\n"
    assert (change.before, change.added, change.removed) == (None, 2, 0)
    assert change.diff.startswith("--- /dev/null\n+++ b/new/deep/f.py\n")
    assert stat.S_IMODE(path.stat().st_mode) & 0o111 == 0
    change = await workspace.apply(edit(path, "a\nb\n", None), "", "c")
    assert not path.exists()
    assert (change.after, change.added, change.removed) == (None, 0, 2)
    assert await workspace.settle(path, change.before, None) == "after"


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
    assert await workspace.settle(path, "x", None) == "neither"


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
    with pytest.raises(EditRefused, match="became a link"):
        await workspace.apply(edit(path, "x", "y"), "", "c")
    with pytest.raises(OutsideWorkspace, match="became a link"):
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
    assert (await workspace.apply(edit(path, "x", "y"), "", "c")).after == text_hash("y")
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
    assert await workspace.settle(path, text_hash("x"), text_hash("y")) == "after"


# --- Open documents ----------------------------------------------------------------------------------------------------


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


async def test_a_save_that_is_not_offered_is_told(
    tmp_path: Path, workspace: LocalWorkspace, editor: Buffers
) -> None:
    path = tmp_path / "f"
    editor.texts[path] = "x"
    editor.saves = False
    assert await workspace.save([path]) == [path]
    editor.saves = True
    assert await workspace.save([path]) == []


# --- The event loop -----------------------------------------------------------------------------------------------------


async def test_the_loop_opens_no_files(tmp_path: Path, workspace: LocalWorkspace) -> None:
    """An audit hook cannot be taken away again: it is silent once the test is over."""
    import threading

    loop_thread = threading.get_ident()
    seen: list[str] = []
    watching = True
    blocking = {"open", "os.listdir", "os.scandir", "subprocess.Popen", "os.remove", "os.rename", "os.mkdir"}

    def hook(event: str, args: tuple[object, ...]) -> None:
        if watching and event in blocking and threading.get_ident() == loop_thread:
            seen.append(f"{event} {args[:1]}")

    (tmp_path / "a").write_text("x")
    (tmp_path / ".postilignore").write_text("y\n")
    sys.addaudithook(hook)
    try:
        path = workspace.resolve("a")
        await workspace.read(path)
        await workspace.entries(tmp_path)
        await workspace.glob("*", tmp_path, 9)
        await workspace.apply(edit(path, "x", "z"), "", "c")
        await workspace.apply(edit(path, "z", None), "", "c")
    finally:
        watching = False
    assert seen == []
