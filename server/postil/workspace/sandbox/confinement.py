"""What a confined command sees and may change: the policy, without a word about how it is held."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from postil.core.outlook import Laid
from postil.workspace.commands.environment import SYSTEM_PATH

_TOP = Path("/")
_PRIVATE = ("tmp", "var/tmp", "run", "dev/shm", "home", "root", "Users")
"""Folders of the top in which other programs and other people keep what is theirs."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a command may see and change. All of the disk is readable and nothing writable, but for what is named here.

    Of two that lie in one another the inner one holds. Every path is real and there, but for those in `absent`.
    """

    readable: tuple[Path, ...] = ()
    """Opened again inside of what is hidden."""
    writable: tuple[Path, ...] = ()
    """Folders. One inside of another can be moved as little as what is kept."""
    kept: tuple[Path, ...] = ()
    """Inside of what is writable, and not writable."""
    absent: tuple[Path, ...] = ()
    """Folders that are not there and cannot be made; until the command has ended they are there, empty."""
    hidden: tuple[Path, ...] = ()
    """Folders that look empty, or cannot be looked into."""
    covered: tuple[Path, ...] = ()
    """Files that look empty, or cannot be read."""
    laid: tuple[Laid, ...] = ()
    """Files that are read with other contents, and cannot be written."""
    network: bool = False
    works: bool = False
    """Whether it is there to do something rather than to look: then it may talk within itself and change modes and times,
    and it goes on should Postil end."""


def concealed(home: Path, hidden: Iterable[Path]) -> tuple[Path, ...]:
    """Return the folders that no command sees: what is other people's and other programs', the home, and `hidden`."""
    own = [] if _holds_the_system(home) else [home]
    return real([*(_TOP / it for it in _PRIVATE), *own, *hidden], folders=True)


def real(paths: Iterable[Path], *, folders: bool = False) -> tuple[Path, ...]:
    """Return those that are there, by their real names, each once."""
    found = (Path(os.path.realpath(it)) for it in paths)
    return tuple(dict.fromkeys(it for it in found if (it.is_dir() if folders else it.exists())))


def outermost(paths: Iterable[Path], between: Iterable[Path] = ()) -> tuple[Path, ...]:
    """Return the paths without those that lie in another of them, unless one of `between` lies between the two."""
    walls = {*between}
    found: set[Path] = set()
    for path in sorted(paths, key=lambda it: len(it.parts)):
        nearest = next((it for it in (path, *path.parents) if it in found or it in walls), None)
        if nearest is None or nearest not in found:
            found.add(path)
    return tuple(sorted(found))


def _holds_the_system(home: Path) -> bool:
    """Whether hiding this home would hide the programs, as for accounts of services that live in `/`."""
    return any(Path(it).is_relative_to(home) for it in SYSTEM_PATH.split(":"))
