"""Files reached without following a link: what has become one since its path was resolved is refused, not followed.

A path is resolved once, judged, and used later. In between, a folder of it may be replaced by a link to another place. So a
folder is opened part by part, no part of which may be a link, and what lies in it is named by the opened folder.
Where the system cannot do that (Windows), callers look again instead, as close to the use as they can.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from postil.workspace.files.disk import Disk, Handle
from postil.workspace.files.real_disk import (
    RealDisk,
    RealHandle,
    copy_attributes,
    renamed_without_replacing,
    sync,
)

CAN_HOLD = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether this system can name a file by its opened folder."""

_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
# To pass through a folder takes less than to list it, where the system tells the two apart.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_LINK_AT_ALL = getattr(os, "O_NOFOLLOW_ANY", 0)
"""macOS: the same for every part of a path at once."""
_NO_SUCH_LINK = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


@contextmanager
def held(folder: Path) -> Generator[int]:
    """Open a folder, given by its resolved path; raises OSError with ELOOP where a part of it has become a link."""
    descriptor = _opened(folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _opened(folder: Path) -> int:
    if _NO_LINK_AT_ALL:
        return os.open(folder, _FOLDER | _NO_LINK_AT_ALL)
    descriptor = os.open(folder.anchor, _FOLDER | _NO_LINK)
    for name in folder.parts[1:]:
        try:
            inner = os.open(name, _FOLDER | _NO_LINK, dir_fd=descriptor)
        except OSError as error:
            raise _explained(error, name, descriptor, folder) from error
        finally:
            os.close(descriptor)
        descriptor = inner
    return descriptor


def _explained(error: OSError, name: str, within: int, folder: Path) -> OSError:
    """Return the error that it is: some systems call a link on the way no folder."""
    try:
        is_link = stat.S_ISLNK(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode)
    except OSError:
        is_link = False
    number = errno.ELOOP if is_link else error.errno or errno.EIO
    return OSError(number, os.strerror(number), str(folder))


def open_file(path: Path, flags: int) -> int:
    """Open a file, given by its resolved path, that neither is a link nor lies below one."""
    with held(path.parent) as folder:
        return os.open(path.name, flags | _NO_LINK | _CLOEXEC, dir_fd=folder)


def read_whole(path: Path) -> bytes:
    """Return the bytes of a file, given by its resolved path. Raises OSError."""
    if not CAN_HOLD:
        return path.read_bytes()
    with os.fdopen(open_file(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        return file.read()


class LinklessDisk(RealDisk):
    """The operating system's files, with every step taken in a folder that was reached without following a link."""

    def rename(self, source: Path, target: Path) -> None:
        with held(source.parent) as old, held(target.parent) as new:
            os.replace(source.name, target.name, src_dir_fd=old, dst_dir_fd=new)

    def rename_free(self, source: Path, target: Path) -> None:
        with held(source.parent) as old, held(target.parent) as new:
            names = Path(source.name), Path(target.name)
            if renamed_without_replacing(*names, old, new):
                return
            try:
                os.link(*names, src_dir_fd=old, dst_dir_fd=new, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_SUCH_LINK:
                    raise
                if _is_taken(target.name, new):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
                os.rename(*names, src_dir_fd=old, dst_dir_fd=new)
            else:
                os.unlink(source.name, dir_fd=old)

    def sync_dir(self, path: Path) -> None:
        with held(path) as folder:
            descriptor = os.open(".", os.O_RDONLY | _CLOEXEC, dir_fd=folder)
        try:
            sync(descriptor, names=True)
        finally:
            os.close(descriptor)

    def size(self, path: Path) -> int | None:
        try:
            with held(path.parent) as folder:
                return os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_size
        except FileNotFoundError:
            return None

    def _new(self, path: Path, mode: int) -> RealHandle:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        with held(path.parent) as folder:
            return RealHandle(os.open(path.name, flags | _NO_LINK | _CLOEXEC, mode, dir_fd=folder))

    def _keep_attributes(self, source: Path, target: Handle) -> None:
        if not isinstance(target, RealHandle):
            return
        descriptor = open_file(source, os.O_RDONLY | os.O_NONBLOCK)
        try:
            copy_attributes(descriptor, target.fd)
        finally:
            os.close(descriptor)

    def _mkdir(self, path: Path, mode: int) -> None:
        with held(path.parent) as folder:
            os.mkdir(path.name, mode, dir_fd=folder)

    def _unlink(self, path: Path) -> None:
        with held(path.parent) as folder:
            os.unlink(path.name, dir_fd=folder)


def _is_taken(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def workspace_disk() -> Disk:
    """Return the disk that files of a workspace are written with."""
    return LinklessDisk() if CAN_HOLD else RealDisk()
