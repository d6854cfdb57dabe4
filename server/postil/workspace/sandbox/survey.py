"""A look at the workspace around a command: where secrets, protected paths and sockets lie in it.

It goes from the top downwards, as many entries as a look is quick for. What lies deeper is not known.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from postil.workspace.files.paths import is_protected, is_secret

_NOT_SEARCHED = frozenset({".git", "node_modules"})
_MOST_ENTRIES = 3_000
_MOST_COVERED = 100
_MOST_SURVEYED = 20_000
_NOBODYS = frozenset(
    {"node_modules", ".venv", "venv", "target", "__pycache__", ".tox", ".nox", "site-packages", "vendor"}
)
"""Folders of what others have written or programs have made: many files, and programs do not act on what lies there."""

Identity = tuple[int, int]
"""Device and inode."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found below the roots."""

    protected: Mapping[Path, Identity] = field(default_factory=dict[Path, Identity])
    """The outermost protected paths, links among them."""
    sockets: tuple[Path, ...] = ()
    seen: frozenset[Path] = frozenset()
    """The folders that were looked into."""
    complete: bool = True
    """Whether that is all there is, but for folders of what others have written."""


def survey(roots: Sequence[Path]) -> Survey:
    """Look for protected paths and sockets. Blocking; never raises."""
    protected: dict[Path, Identity] = {}
    sockets: list[Path] = []
    seen: set[Path] = set()
    left = _MOST_SURVEYED
    folders = deque((root, root) for root in roots)
    while folders and left > 0:
        root, folder = folders.popleft()
        seen.add(folder)
        for entry in entries_of(folder):
            left -= 1
            path = Path(entry.path)
            if _may_be_protected(entry.name) and is_protected(path.relative_to(root)):
                protected |= _identified(path)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in _NOBODYS and path not in roots:
                    folders.append((root, path))
            elif not entry.is_file() and _is_socket(entry):
                sockets.append(path)
    return Survey(protected, tuple(sockets), frozenset(seen), complete=not folders)


def secrets_below(roots: Iterable[Path]) -> Iterator[Path]:
    """Yield files of the workspace that are known to hold secrets, as far as a quick look finds them.

    The guard asks about commands that could read one; this is for what it does not foresee.
    """
    left, found = _MOST_ENTRIES, 0
    folders = deque((Path(os.path.realpath(root)), Path()) for root in roots)
    while folders and left > 0 and found < _MOST_COVERED:
        root, relative = folders.popleft()
        for entry in entries_of(root / relative):
            left -= 1
            path = relative / entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _NOT_SEARCHED:
                    folders.append((root, path))
            elif entry.is_file(follow_symlinks=False) and is_secret(path):
                found += 1
                yield root / path


def identity_of(path: Path) -> Identity | None:
    """Return what a file is, whatever its name; None where nothing is there."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def entries_of(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, in order of name; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda it: it.name)
    except OSError:
        return []


def _may_be_protected(name: str) -> bool:
    """Whether the name is worth a closer look: thousands are not."""
    return name[0] == "." or "~" in name or not name.isascii()


def _identified(path: Path) -> dict[Path, Identity]:
    identity = identity_of(path)
    return {path: identity} if identity is not None else {}


def _is_socket(entry: os.DirEntry[str]) -> bool:
    try:
        return stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return False
