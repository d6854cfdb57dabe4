"""Which files a repository tracks, read from its index without starting git."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_HEADER = struct.Struct(">4sII")
_FIXED = 62
"""Bytes of an entry before its name: times, numbers, a hash of 20 bytes and flags."""
_FLAGS = struct.Struct(">H")
_EXTENDED = 0x4000
_LARGEST = 64 << 20


def tracked_files(folder: Path) -> tuple[str, ...] | None:
    """Return the absolute paths that the repository around `folder` tracks; None where that is not known. Blocking; never raises."""
    try:
        for top in (folder, *folder.parents):
            index = _index(top / ".git")
            if index is not None and not index.exists():
                return ()
            if index is not None:
                state = index.stat()
                names = _names(index, state.st_mtime_ns, state.st_size, state.st_ino)
                return tuple(f"{str(top).rstrip('/')}/{it}" for it in names)
    except (OSError, ValueError, struct.error):
        return None
    return ()


def _index(git: Path) -> Path | None:
    """Return the index of a repository, which has to be there to track anything; None where there is no repository."""
    if git.is_dir():
        return git / "index"
    if git.is_file():
        named = git.read_text("utf-8", "surrogateescape").strip().removeprefix("gitdir:").strip()
        return Path(os.path.realpath(git.parent / named)) / "index"
    return None


@lru_cache(maxsize=8)
def _names(index: Path, _mtime: int, size: int, _inode: int) -> tuple[str, ...]:
    if size > _LARGEST:
        raise ValueError("the index is too large")
    data = index.read_bytes()
    mark, version, number = _HEADER.unpack_from(data)
    if mark != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("an index of another kind")
    return tuple(_entries(data, version, number))


def _entries(data: bytes, version: int, number: int) -> Iterator[str]:
    at, name = _HEADER.size, b""
    for _ in range(number):
        (flags,) = _FLAGS.unpack_from(data, at + _FIXED - 2)
        start = at + _FIXED + (2 if flags & _EXTENDED else 0)
        if version == 4:
            kept, start = _offset(data, start)
            name = name[: len(name) - kept] if kept else name
            end = data.index(b"\0", start)
            name += data[start:end]
            at = end + 1
        else:
            end = data.index(b"\0", start)
            name = data[start:end]
            at += (end - at) // 8 * 8 + 8
        yield name.decode("utf-8", "surrogateescape")


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length, as git writes offsets, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
