"""The operating system's files, with what each system needs so that a sync means it."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from postil.workspace.files.disk import Disk, Handle

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.ENOTTY}
_CANNOT = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
"""What says that a rename without replacing, or a second link, is not to be had here."""
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1


class RealHandle:
    """An open file of the operating system: a `Handle`."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._open = True
        self._failed = False

    def write(self, data: bytes) -> None:
        self._check()
        view = memoryview(data)
        while view:
            # A disk that fills up takes a part first; the next write then says why.
            view = view[os.write(self.fd, view) :]

    def sync(self) -> None:
        self._check()
        try:
            sync(self.fd)
        except OSError:
            self._failed = True
            raise

    def truncate(self, size: int) -> None:
        os.ftruncate(self.fd, size)

    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.fd)

    def _check(self) -> None:
        if self._failed:
            raise OSError(errno.EIO, "an earlier sync of this file failed")


class RealDisk(Disk):
    """The operating system's files."""

    def open_append(self, path: Path) -> RealHandle:
        return RealHandle(os.open(path, os.O_WRONLY | os.O_APPEND | _FLAGS))

    def open_read(self, path: Path) -> BinaryIO:
        return path.open("rb")

    def read(self, path: Path, start: int = 0, size: int | None = None) -> bytes:
        fd = os.open(path, os.O_RDONLY | _FLAGS)
        try:
            left = os.fstat(fd).st_size - start if size is None else size
            if start:
                os.lseek(fd, start, os.SEEK_SET)
            parts: list[bytes] = []
            while left > 0 and (part := os.read(fd, left)):
                parts.append(part)
                left -= len(part)
            return b"".join(parts)
        finally:
            os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        replace_patiently(source, target, attempts=10 if sys.platform == "win32" else 1)

    def rename_free(self, source: Path, target: Path) -> None:
        """Rename to a free name: in one step on Linux and Windows, elsewhere as a second link whose first is removed.

        A file system that can do neither (FAT, some network ones) leaves a moment between looking and renaming.
        """
        if sys.platform == "win32":
            source.rename(target)  # never over a file there
        elif not renamed_without_replacing(source, target) and not _linked(source, target):
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
            source.rename(target)

    def sync_dir(self, path: Path) -> None:
        if os.name == "nt":
            return  # Windows has no such thing; NTFS journals its names.
        fd = os.open(path, os.O_RDONLY | _FLAGS)
        try:
            sync(fd, names=True)
        finally:
            os.close(fd)

    def names(self, path: Path) -> list[str]:
        try:
            return sorted(os.listdir(path))  # noqa: PTH208 (names are all we want)
        except FileNotFoundError:
            return []

    def size(self, path: Path) -> int | None:
        try:
            return path.lstat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _new(self, path: Path, mode: int) -> RealHandle:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        return RealHandle(os.open(path, flags | _FLAGS, mode))

    def _keep_attributes(self, source: Path, target: Handle) -> None:
        if isinstance(target, RealHandle):
            copy_attributes(source, target.fd)

    def _set_mode(self, handle: Handle, mode: int) -> None:
        if sys.platform != "win32" and isinstance(handle, RealHandle):
            with suppress(OSError):  # A file system without such bits has none to give.
                os.fchmod(handle.fd, mode)

    def _mkdir(self, path: Path, mode: int) -> None:
        path.mkdir(mode)

    def _unlink(self, path: Path) -> None:
        path.unlink()

    def _sweep(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def replace_patiently(
    source: Path, target: Path, attempts: int, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Rename over `target`, trying again while a reader holds it open.

    On Windows a virus scanner or an editor that opened the target without sharing makes the rename fail for a
    moment; elsewhere one attempt is the right number. Waits 0.4 s in all at 10 attempts.
    """
    for attempt in range(1, attempts + 1):
        try:
            source.replace(target)
        except PermissionError:
            if attempt == attempts:
                raise
            sleep(0.01 * attempt)
        else:
            return


def renamed_without_replacing(
    source: Path, target: Path, source_folder: int = _AT_FDCWD, target_folder: int = _AT_FDCWD
) -> bool:
    """Rename to a free name in one step; False where this system or file system cannot. Raises FileExistsError.

    Relative paths start at the opened folders.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # noqa: PLC0415 (where it is needed, and not everywhere there)

    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):  # an old C library
        return False
    old, new = ctypes.c_int(source_folder), ctypes.c_int(target_folder)
    if renameat2(old, os.fsencode(source), new, os.fsencode(target), ctypes.c_uint(_RENAME_NOREPLACE)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(target))


def _linked(source: Path, target: Path) -> bool:
    """Rename to a free name by a second link; False where the file system has none. Raises FileExistsError."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno in _CANNOT:
            return False
        raise
    source.unlink()
    return True


def sync(fd: int, *, names: bool = False) -> None:
    """Flush a file to the medium, or the names of a folder where its file system can do that."""
    try:
        _sync(fd)
    except OSError as error:
        if not names or error.errno not in _UNSUPPORTED:  # Some network and user-space file systems cannot.
            raise


def _sync(fd: int) -> None:
    """Flush to the medium; on macOS `fsync` stops at the drive's cache, F_FULLFSYNC does not (fsync(2))."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 (not on Windows)

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            os.fsync(fd)
    elif sys.platform == "linux":
        os.fdatasync(fd)  # Flushes the size with the data; the times can wait.
    else:
        os.fsync(fd)


def copy_attributes(source: Path | int, fd: int) -> None:
    """Give the new file the mode, owner and extended attributes of the one it will replace, given by its path or opened."""
    if sys.platform == "win32":
        return
    old = os.fstat(source) if isinstance(source, int) else source.stat()
    new = os.fstat(fd)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(fd, old.st_uid, old.st_gid)
    if sys.platform == "linux":
        with suppress(OSError):  # Labels and access lists, where the file system has them and lets us.
            for name in os.listxattr(source):
                os.setxattr(fd, name, os.getxattr(source, name))
    os.fchmod(fd, stat.S_IMODE(old.st_mode))  # Last: changing the owner clears bits.
