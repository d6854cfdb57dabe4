"""Files of a project before and after a command: those that were there and are not as they were, or that are new."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from postil.workspace.commands.tracked import tracked_files

MOST = 50_000
"""Files that are looked at."""
_BYTES = 64 << 20
"""How much of them is read, so that one that was written anew as it was does not count as changed."""
_LARGEST = 1 << 20
_NOT_SOURCES = frozenset(
    {
        "node_modules", "__pycache__", "target", "build", "dist", "out", "coverage", "htmlcov", "venv", "_build", "deps",
    }
)  # fmt: skip
"""Folders of what is made or installed, where no repository says what belongs to the project."""


def taken(roots: Iterable[Path], more: Iterable[Path]) -> dict[Path, str]:
    """Return a mark of each file that the project's repository tracks, or that looks like its own, and of `more`. Blocking."""
    marks: dict[Path, str] = {}
    left = _BYTES
    for path in (*more, *(it for root in roots for it in _files(root))):
        if path in marks:
            continue
        if len(marks) >= MOST:
            break
        mark, read = _mark(path, left)
        left -= read
        marks[path] = mark
    return marks


def differing(marks: Mapping[Path, str]) -> list[Path]:
    """Return the files whose texts are not those of the marks, sorted. Blocking."""
    return sorted(path for path, mark in marks.items() if not _same(path, mark))


def tree(roots: Sequence[Path]) -> dict[Path, str]:
    """Return a mark of each file that a repository tracks or that looks like the project's own; none is read. Blocking."""
    marks: dict[Path, str] = {}
    for path in (it for root in roots for it in (*_tracked(root), *_own(root))):
        if len(marks) >= MOST:
            break
        if path not in marks:
            marks[path] = _status(path)
    return marks


def since(roots: Sequence[Path], before: Mapping[Path, str]) -> list[Path]:
    """Return the files that are not as they were or were not there, sorted; the roots where there are too many to tell. Blocking."""
    now = tree(roots)
    if max(len(before), len(now)) >= MOST:
        return sorted(roots)
    return sorted(it for it in {*before, *now} if before.get(it, "") != now.get(it, ""))


def _files(root: Path) -> Iterator[Path]:
    tracked = _tracked(root)
    yield from tracked or _own(root)


def _tracked(root: Path) -> list[Path]:
    found = (Path(it) for it in tracked_files(root) or ())
    return [it for it in found if it.is_relative_to(root)]


def _own(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(it for it in folders if not it.startswith(".") and it not in _NOT_SOURCES)
        yield from (Path(folder, it) for it in sorted(names) if not it.startswith("."))


def _mark(path: Path, left: int) -> tuple[str, int]:
    """Return what is known of a file, and how many bytes were read for that; empty where there is no file."""
    status = _status(path)
    if not status:
        return "", 0
    size = int(status.split()[0])
    if size > min(_LARGEST, left) or not (path.is_file() or path.is_symlink()):
        return status, 0
    return f"{status} {_digest(path)}", size


def _same(path: Path, mark: str) -> bool:
    status = _status(path)
    if not mark or not status:
        return mark == status
    parts = mark.split()
    return " ".join(parts[:3]) == status or (len(parts) == 4 and parts[3] == _digest(path))


def _status(path: Path) -> str:
    try:
        it = path.lstat()
    except OSError:
        return ""
    return f"{it.st_size} {it.st_mtime_ns} {it.st_ino}"


def _digest(path: Path) -> str:
    try:
        data = (
            str(path.readlink()).encode("utf-8", "surrogateescape")
            if path.is_symlink()
            else path.read_bytes()
        )
    except OSError:
        return "unreadable"
    return hashlib.sha256(data).hexdigest()
