"""Reading a file from the disk: regular ones only, within a limit, and never through a link put there meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from postil.core.errors import NotFound, NotText, OutsideWorkspace, TooLarge, ToolError
from postil.workspace.files.linkless import CAN_HOLD, open_file

READ_LIMIT = 10_000_000
_KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFLNK: "a link that leads nowhere or changed meanwhile",
}  # fmt: skip
_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)


def read_regular(path: Path, limit: int = READ_LIMIT) -> tuple[bytes, os.stat_result]:
    """Return the bytes of a regular file and what it was when read. `path` is resolved. Blocking.

    Raises NotFound, NotText (no regular file), TooLarge, OutsideWorkspace and ToolError (unreadable).
    """
    with _opened(path) as (descriptor, status):
        if status.st_size > limit:
            raise too_large(path, status.st_size, limit)
        # Files of /proc say size 0 and files grow: the limit is kept by counting.
        data = _read_at_most(descriptor, limit + 1, status.st_size)
    if len(data) > limit:
        raise too_large(path, len(data), limit)
    return data, status


def pieces(path: Path, size: int) -> Iterator[bytes]:
    """Yield the bytes of a regular file, however large, in pieces of a size. Blocking. Raises as `read_regular` does."""
    with _opened(path) as (descriptor, _):
        while piece := os.read(descriptor, size):
            yield piece


@contextmanager
def _opened(path: Path) -> Generator[tuple[int, os.stat_result]]:
    """Give the descriptor of a regular file and what it is."""
    try:
        check_regular(path, path.lstat())
        descriptor = open_file(path, _FLAGS) if CAN_HOLD else os.open(path, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise became_link(path) from error
        raise explained(path, error) from error
    with os.fdopen(descriptor, "rb", buffering=0):
        try:
            status = os.fstat(descriptor)
            check_regular(path, status)
            if not CAN_HOLD and os.path.realpath(path) != str(path):
                raise became_link(path)
            yield descriptor, status
        except OSError as error:
            raise explained(path, error) from error


def _read_at_most(descriptor: int, most: int, expected: int) -> bytes:
    chunks: list[bytes] = []
    left = most
    while left > 0:
        chunk = os.read(descriptor, min(left, max(expected + 1, 65536)))
        if not chunk:
            break
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def check_regular(path: Path, status: os.stat_result) -> None:
    """Raise NotText where the file is none to be read."""
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise NotText(f"{path} is {_KINDS.get(kind, 'no regular file')}, not a file with text.")


def became_link(path: Path) -> OutsideWorkspace:
    """Say that something was put in the way of a path after it had been judged."""
    return OutsideWorkspace(
        f"{path}, or a folder above it, became a symbolic link after its path was checked. It was not opened.",
        "List its folder to see where it leads now, and name the file by its real path.",
    )


def too_large(path: Path, size: int, limit: int) -> TooLarge:
    """Say how large, and what is possible instead."""
    return TooLarge(
        f"{path} has {size:,} bytes; the limit is {limit:,}.",
        "Search it with grep, or look at a part of it with a shell command.",
    )


def explained(path: Path, error: OSError) -> ToolError:
    """Say in a sentence why the system refused."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return NotFound(f"{path} does not exist.")
        case errno.EACCES | errno.EPERM:
            return ToolError(f"{path} cannot be read: permission denied.")
        case errno.ELOOP:
            return ToolError(f"{path} is a link that leads in a circle or changed meanwhile.")
        case errno.ENAMETOOLONG:
            return NotFound(f"{path} has a name that is too long to exist.")
        case _:
            return ToolError(f"{path} cannot be read: {error.strerror or error}.")
