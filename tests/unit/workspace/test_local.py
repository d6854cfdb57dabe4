"""The workspace port: what it reads, and that the event loop opens no files."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from postil.core.effects import text_hash
from postil.core.errors import (
    Ignored,
    NotFound,
    NotText,
    TooLarge,
    ToolError,
)
from postil.core.ports import Workspace
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import Buffers, edit


def test_it_is_the_port(workspace: LocalWorkspace) -> None:
    port: Workspace = workspace
    assert port.roots == workspace.roots


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


async def test_twenty_reads_at_once(tmp_path: Path, workspace: LocalWorkspace) -> None:
    for number in range(20):
        (tmp_path / f"{number}").write_text(f"line {number}\n" * 500)
    views = await asyncio.gather(*(workspace.read(tmp_path / f"{n}") for n in range(20)))
    assert len({view.hash for view in views}) == 20


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
