"""Files are replaced whole, keep what they were, and a failed sync is final."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from postil.workspace.files import real_disk
from postil.workspace.files.disk import is_temporary
from postil.workspace.files.real_disk import RealDisk, replace_patiently

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are POSIX's")


@pytest.fixture
def disk() -> RealDisk:
    return RealDisk()


def test_append_truncate_read(disk: RealDisk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    handle = disk.create(path)
    handle.write(b"one\ntwo\n")
    handle.sync()
    handle.truncate(4)
    handle.write(b"three\n")
    assert handle.size() == 10
    handle.close()
    handle.close()
    assert disk.read(path) == b"one\nthree\n"
    assert disk.read(path, 4) == b"three\n"
    assert disk.read(path, 4, 2) == b"th"
    assert disk.read(path, 99) == b""
    assert disk.size(path) == 10
    assert disk.size(tmp_path / "missing") is None


def test_creating_what_exists_is_refused(disk: RealDisk, tmp_path: Path) -> None:
    disk.create(tmp_path / "a").close()
    with pytest.raises(FileExistsError):
        disk.create(tmp_path / "a")


@posix
def test_state_is_private(disk: RealDisk, tmp_path: Path) -> None:
    disk.make_dir(tmp_path / "x" / "y" / "z")
    disk.make_dir(tmp_path / "x" / "y" / "z")
    disk.create(tmp_path / "x" / "a").close()
    disk.replace(tmp_path / "x" / "b", b"b", mode=0o600)
    assert stat.S_IMODE((tmp_path / "x" / "y").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "x" / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "x" / "b").stat().st_mode) == 0o600


@posix
def test_replace_keeps_the_mode_of_an_existing_file(disk: RealDisk, tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_bytes(b"old")
    path.chmod(0o751)
    disk.replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert disk.names(tmp_path) == ["run.sh"]


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes are tried on Linux")
def test_replace_keeps_extended_attributes(disk: RealDisk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    disk.replace(path, b"new")
    assert os.getxattr(path, "user.origin") == b"here"


@posix
def test_replace_gives_a_new_file_what_the_umask_leaves(disk: RealDisk, tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    disk.replace(tmp_path / "a", b"new")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_replace_asks_at_the_last_moment(disk: RealDisk, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    seen: list[list[bytes]] = []

    def refuse() -> None:
        seen.append(sorted(file.read_bytes() for file in tmp_path.iterdir()))
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        disk.replace(path, b"new", check=refuse)
    assert seen == [[b"new", b"old"]], "everything is ready by then"
    assert path.read_bytes() == b"old"
    assert disk.names(tmp_path) == ["a"]


@posix
def test_an_owner_that_cannot_be_kept_changes_nothing(
    disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def refuse(source: Path, fd: int) -> None:
        raise PermissionError(1, "not yours")

    monkeypatch.setattr(real_disk, "copy_attributes", refuse)
    with pytest.raises(PermissionError):
        disk.replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert disk.names(tmp_path) == ["a"]


def test_a_failed_sync_is_final(disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = disk.create(tmp_path / "a")

    def fail(fd: int) -> None:
        raise OSError(5, "I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(real_disk, "_sync", fail)
        with pytest.raises(OSError, match="I/O error"):
            handle.sync()
    with pytest.raises(OSError, match="earlier sync"):
        handle.sync()
    with pytest.raises(OSError, match="earlier sync"):
        handle.write(b"x")
    handle.close()


def test_a_short_write_goes_on(disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = disk.create(tmp_path / "a")
    write = os.write

    def short(fd: int, data: memoryview) -> int:
        return write(fd, data[:3])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", short)
        handle.write(b"ten bytes.")
    handle.close()
    assert disk.read(tmp_path / "a") == b"ten bytes."


def test_replace_tries_again_while_a_reader_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    blocked = tmp_path / "folder"
    waits: list[float] = []

    class Stubborn(type(tmp_path)):
        def replace(self, target: str | os.PathLike[str]) -> Path:
            if len(waits) < 3:
                raise PermissionError(13, "in use")
            return super().replace(target)

    replace_patiently(Stubborn(tmp_path / "new"), blocked, 10, waits.append)
    assert waits == [0.01, 0.02, 0.03]
    assert blocked.read_text() == "new"
    waits.clear()
    with pytest.raises(PermissionError):
        replace_patiently(Stubborn(tmp_path / "new"), blocked, 1, waits.append)


@pytest.mark.parametrize("without", [(), ("renameat2",), ("renameat2", "links")], ids=str)
def test_a_rename_to_a_free_name_replaces_nothing(
    disk: RealDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: tuple[str, ...]
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def cannot(*_: object) -> bool:
        return False

    if "renameat2" in without:
        monkeypatch.setattr(real_disk, "renamed_without_replacing", cannot)
    if "links" in without:
        monkeypatch.setattr(os, "link", refuses)
    source, taken, free = (tmp_path / name for name in ("source", "taken", "free"))
    source.write_text("ours")
    taken.write_text("theirs")
    with pytest.raises(FileExistsError):
        disk.rename_free(source, taken)
    assert (source.read_text(), taken.read_text()) == ("ours", "theirs")
    disk.rename_free(source, free)
    assert (free.read_text(), source.exists()) == ("ours", False)
    with pytest.raises(FileNotFoundError):
        disk.rename_free(source, tmp_path / "other")


def test_what_a_crash_left_of_one_write_is_found(tmp_path: Path) -> None:
    """Killed between the temporary file and its name: it is found by the label, and nothing else is touched."""

    class Killed(RealDisk):
        def rename(self, source: Path, target: Path) -> None:
            raise KeyboardInterrupt

        def _unlink(self, path: Path) -> None:
            """What is dead tidies nothing up."""

    (tmp_path / "file").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        Killed().replace(tmp_path / "file", b"new", label="one")
    left = RealDisk().names(tmp_path)
    assert [is_temporary(name) for name in left] == [True, False]
    RealDisk().clear_temporary(tmp_path / "file", "other")
    RealDisk().clear_temporary(tmp_path / "other", "one")
    assert RealDisk().names(tmp_path) == left
    for _ in range(2):
        RealDisk().clear_temporary(tmp_path / "file", "one")
        assert RealDisk().names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_remove_and_leftovers(disk: RealDisk, tmp_path: Path) -> None:
    (tmp_path / "tree" / "in").mkdir(parents=True)
    (tmp_path / "tree" / "in" / "file").write_text("x")
    (tmp_path / ".postil-0badcafe.tmp").write_text("left behind")
    assert is_temporary(".postil-0badcafe.tmp")
    assert disk.list(tmp_path) == ["tree"]
    disk.remove_tree(tmp_path / "tree")
    disk.clear_temporaries(tmp_path)
    disk.remove(tmp_path / "tree")
    assert disk.names(tmp_path) == []
    assert disk.list(tmp_path / "nowhere") == []
