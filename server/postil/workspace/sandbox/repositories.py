"""What of a repository a command may write: its data, so that it can commit; never its settings and hooks, which start programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SETTINGS = ("config", "config.worktree", "hooks", "modules", "worktrees", "commondir", "gitdir")
"""What says what git runs, and where it looks for that."""
_NEVER_MADE = ("commondir", "config.worktree")
"""What nobody makes there by hand, and what git acts on at once."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The folders of one repository, as a command gets them."""

    writable: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    absent: tuple[Path, ...] = ()
    watched: tuple[Path, ...] = ()
    """What must not appear; a command that makes it is ended."""


def repository_of(folder: Path) -> Repository:
    """Return the repository that holds `folder`, with what of it may be written. Blocking; never raises.

    A folder that only says of itself where its repository lies is believed where that repository says so too.
    """
    try:
        return _found(folder)
    except (OSError, ValueError):
        return Repository()


def _found(folder: Path) -> Repository:
    for here in (folder, *folder.parents):
        entry = here / ".git"
        if entry.is_symlink():
            return Repository()
        if entry.is_dir():
            return _made([entry]) if not (entry / "commondir").exists() else Repository()
        if entry.is_file():
            own = Path(os.path.realpath(here / _line(entry).removeprefix("gitdir:").strip()))
            common = Path(os.path.realpath(own / _line(own / "commondir")))
            if own.parent != common / "worktrees" or Path(_line(own / "gitdir")) != entry:
                return Repository()
            return _made([common, own])
    return Repository()


def _made(folders: list[Path]) -> Repository:
    kept = [folder / name for folder in folders for name in _SETTINGS]
    there = tuple(it for it in kept if it.exists() and not it.is_symlink())
    return Repository(
        writable=tuple(folders),
        kept=there,
        absent=tuple(it / "hooks" for it in folders[:1] if not (it / "hooks").exists()),
        watched=tuple(_unmade(folders)),
    )


def _unmade(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (folder / it for it in _NEVER_MADE if not os.path.lexists(folder / it))


def _line(path: Path) -> str:
    with path.open("rb") as file:
        return os.fsdecode(file.read(4096)).strip()
