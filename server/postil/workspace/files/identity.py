"""What makes a folder the same folder as before: not its name alone, and nothing that its contents say of themselves.

A number of an inode proves little by itself: file systems give it out again as soon as its folder is gone, so the time
of birth counts beside it. Numbers of devices may differ after a restart; where the file system has an id, that counts.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import struct
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_AT_FDCWD, _AT_SYMLINK_NOFOLLOW = -100, 0x100
_STATX_BTIME = 0x800
_MOST_TEXT = 4096


class Identity(BaseModel):
    """A folder as it was found. A number is 0 where this system does not tell it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    """Real: without links."""
    device: int
    inode: int
    volume: int = 0
    """The id of the file system."""
    born: int = 0
    """Nanoseconds since the epoch."""
    repository: str = ""
    """The git repository that the folder lies in, in the same terms; empty outside of any."""

    def differs(self, now: Identity) -> str:
        """Return why the folder that is there now is another one, as the end of a sentence; empty where it is the same."""
        if self.path != now.path:
            return "it lies elsewhere"
        volumes = (self.volume, now.volume) if self.volume and now.volume else (self.device, now.device)
        if self.inode != now.inode or self.born != now.born or volumes[0] != volumes[1]:
            return "another folder has taken its place"
        if self.repository != now.repository:
            return "its git repository is not the one that it was"
        return ""


def identity_of(folder: Path) -> Identity:
    """Return what the folder is now. Blocking. Raises OSError where there is none."""
    path = os.path.realpath(folder)
    found = os.stat(path)  # noqa: PTH116 (a string that is already resolved)
    return Identity(
        path=path,
        device=found.st_dev,
        inode=found.st_ino,
        volume=_volume(path),
        born=_born(path, found),
        repository=_repository(Path(path)),
    )


def _repository(folder: Path) -> str:
    """Return what the entry `.git` is that git would find from here. It is looked at, and never followed."""
    for here in (folder, *folder.parents):
        entry = here / ".git"
        try:
            found = entry.lstat()
        except OSError:
            continue
        if not entry.is_symlink() and entry.is_dir() and not os.path.lexists(entry / "HEAD"):
            continue  # git goes on upwards as well, and it may be what a sandbox lays over the place
        text = _digest(entry) if entry.is_file() or entry.is_symlink() else "folder"
        return f"{entry} {found.st_ino} {_born(str(entry), found)} {text}"
    return ""


def _digest(entry: Path) -> str:
    """Return a hash of what a `.git` that is no folder says: where the repository really lies."""
    if entry.is_symlink():
        data = os.fsencode(entry.readlink())
    else:
        with entry.open("rb") as file:
            data = file.read(_MOST_TEXT)
    return hashlib.sha256(data).hexdigest()[:32]


def _volume(path: str) -> int:
    try:
        return os.statvfs(path).f_fsid
    except (AttributeError, OSError):  # not on Windows, and not on every file system
        return 0


def _born(path: str, found: os.stat_result) -> int:
    """Return when it was made; a file system that does not know says 0."""
    if sys.platform == "linux":
        return _statx_born(os.fsencode(path))
    seconds: float = getattr(found, "st_birthtime", 0.0)
    if sys.platform == "win32" and not seconds:
        seconds = found.st_ctime
    return round(seconds * 1e9)


def _statx_born(path: bytes) -> int:
    """Ask Linux itself: Python tells no time of birth there."""
    statx, buffer = _statx(), ctypes.create_string_buffer(256)
    if statx is None or statx(_AT_FDCWD, path, _AT_SYMLINK_NOFOLLOW, _STATX_BTIME, buffer) != 0:
        return 0
    (mask,) = struct.unpack_from("=I", buffer, 0)
    if not mask & _STATX_BTIME:
        return 0
    seconds, nanoseconds = struct.unpack_from("=qI", buffer, 0x50)
    return seconds * 1_000_000_000 + nanoseconds


@cache
def _statx() -> Callable[..., int] | None:
    try:
        return ctypes.CDLL(None).statx
    except (OSError, AttributeError):  # a C library from before 2018
        return None
