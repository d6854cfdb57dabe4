"""A folder that becomes a link at the last moment leads no read, no write, no rename and no deletion out of the workspace."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from postil.core.effects import FileEdit
from postil.core.errors import EditRefused, OutsideWorkspace
from postil.workspace.files import closed_files as files
from postil.workspace.files.linkless import CAN_HOLD, LinklessDisk, open_file, read_whole
from postil.workspace.local import LocalWorkspace
from tests.unit.workspace.buffers import edit

pytestmark = pytest.mark.skipif(not CAN_HOLD, reason="this system names no file by its opened folder")


class Trap:
    """A workspace with a folder that becomes a link to one outside."""

    def __init__(self, tmp_path: Path) -> None:
        self.root, self.outside = tmp_path / "root", tmp_path / "outside"
        for folder in (self.root / "src", self.outside):
            folder.mkdir(parents=True)
            (folder / "a.py").write_text("old\n")
        self.before = self.seen()

    def spring(self) -> None:
        """Put the link in the folder's place, as another program may at any moment."""
        (self.root / "src").rename(self.root / "moved")
        (self.root / "src").symlink_to(self.outside)

    def seen(self) -> dict[str, str]:
        return {str(it): it.read_text() for it in self.outside.rglob("*")}


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


Making = Callable[[Path], FileEdit]
EDITS: dict[str, Making] = {
    "replaces": lambda root: edit(root / "src/a.py", "old\n", "new\n"),
    "creates": lambda root: edit(root / "src/b.py", None, "new\n"),
    "creates a folder": lambda root: edit(root / "src/deep/b.py", None, "new\n"),
    "deletes": lambda root: edit(root / "src/a.py", "old\n", None),
    "moves away": lambda root: moving(root / "src/a.py", root / "b.py"),
    "moves in": lambda root: moving(root / "c.py", root / "src/c.py"),
}


def moving(source: Path, target: Path) -> FileEdit:
    made = edit(source, "old\n", "old\n")
    return FileEdit(target, made.before, "old\n", "old\n", moved_from=source)


@pytest.mark.parametrize("name", EDITS)
async def test_after_the_last_look(trap: Trap, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link comes after everything was looked at, one system call before the effect."""
    (trap.root / "c.py").write_text("old\n")
    workspace = LocalWorkspace((trap.root,))
    sprung: list[bool] = []

    def still(*_: object) -> None:
        if not sprung:
            trap.spring()
        sprung.append(True)

    monkeypatch.setattr(files, "_still", still)
    with pytest.raises(EditRefused, match=r"became a symbolic link|is a file|exists already"):
        await workspace.apply(EDITS[name](trap.root), "label", "c1")
    workspace.close()
    assert sprung
    assert trap.seen() == trap.before


async def test_a_read_follows_no_link_that_was_not_there(trap: Trap) -> None:
    workspace = LocalWorkspace((trap.root,))
    path = workspace.resolve("src/a.py")
    (trap.outside / "a.py").write_text("theirs\n")
    trap.spring()
    with pytest.raises(OutsideWorkspace, match="became a symbolic link"):
        await workspace.read(path)
    workspace.close()


def test_every_step_refuses_a_link_on_the_way(trap: Trap) -> None:
    disk = LinklessDisk()
    (trap.root / "c").touch()
    trap.spring()
    inside = trap.root / "src/a.py"
    steps: list[Callable[[], object]] = [
        lambda: disk.create(trap.root / "src/new"),
        lambda: disk.rename(inside, trap.root / "x"),
        lambda: disk.rename(trap.root / "c", inside),
        lambda: disk.rename_free(inside, trap.root / "x"),
        lambda: disk.rename_free(trap.root / "c", trap.root / "src/c"),
        lambda: disk.remove(inside),
        lambda: disk.make_dir(trap.root / "src/deep"),
        lambda: disk.sync_dir(trap.root / "src"),
        lambda: disk.size(inside),
        lambda: disk.replace(inside, b"x"),
        lambda: disk.make(trap.root / "src/new", b"x"),
        lambda: open_file(inside, os.O_RDONLY),
        lambda: read_whole(inside),
    ]
    for number, step in enumerate(steps):
        with pytest.raises(OSError, match="symbolic links") as caught:
            step()
        assert caught.value.errno == errno.ELOOP, number
    assert trap.seen() == trap.before


def test_a_file_that_is_a_link_is_replaced_and_not_read(trap: Trap) -> None:
    disk = LinklessDisk()
    link = trap.root / "link"
    link.symlink_to(trap.outside / "a.py")
    with pytest.raises(OSError, match="symbolic links"):
        read_whole(link)
    with pytest.raises(FileExistsError):
        disk.create(link)
    with pytest.raises(FileExistsError):
        disk.make(link, b"x")
    assert trap.seen() == trap.before


def test_it_does_what_the_plain_disk_does(tmp_path: Path) -> None:
    disk = LinklessDisk()
    disk.make_dir(tmp_path / "a/b/c", 0o750)
    disk.make(tmp_path / "a/b/c/f", b"one", 0o640)
    assert stat.S_IMODE((tmp_path / "a/b/c/f").stat().st_mode) == 0o640
    with pytest.raises(FileExistsError):
        disk.make(tmp_path / "a/b/c/f", b"two")
    (tmp_path / "a/b/c/f").chmod(0o754)
    disk.replace(tmp_path / "a/b/c/f", b"three")
    assert stat.S_IMODE((tmp_path / "a/b/c/f").stat().st_mode) == 0o754
    assert disk.size(tmp_path / "a/b/c/f") == 5
    disk.rename_free(tmp_path / "a/b/c/f", tmp_path / "a/g")
    (tmp_path / "a/h").touch()
    with pytest.raises(FileExistsError):
        disk.rename_free(tmp_path / "a/g", tmp_path / "a/h")
    disk.rename(tmp_path / "a/g", tmp_path / "a/h")
    assert read_whole(tmp_path / "a/h") == b"three"
    disk.remove(tmp_path / "a/h")
    disk.remove(tmp_path / "a/h")
    assert disk.size(tmp_path / "a/h") is None
    assert sorted(it.name for it in tmp_path.rglob("*")) == ["a", "b", "c"]


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors of this process")
def test_no_descriptor_is_left_open(trap: Trap) -> None:
    disk, before = LinklessDisk(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (a count)
    disk.replace(trap.root / "src/a.py", b"x")
    trap.spring()
    for _ in range(3):
        with pytest.raises(OSError, match="symbolic links"):
            disk.replace(trap.root / "src/a.py", b"x")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_folder_that_can_be_passed_but_not_listed_is_no_obstacle(trap: Trap) -> None:
    (trap.root / "src").chmod(0o311)
    try:
        assert read_whole(trap.root / "src/a.py") == b"old\n"
    finally:
        (trap.root / "src").chmod(0o755)
