"""What a confined command sees and may change: the policy, without a word about how it is held."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from postil.workspace.environment import SYSTEM_PATH
from postil.workspace.paths import is_secret

_PRIVATE = ("tmp", "var/tmp", "run", "dev/shm", "home", "root", "Users")
"""Folders of the top in which other programs and other people keep what is theirs."""
_TOP = Path("/")
_TOOLS = (
    ".cargo/bin", ".cargo/registry", ".rustup", ".pyenv", ".nvm", ".asdf", ".volta", ".sdkman", ".local/bin", ".local/lib",
    ".local/share/uv", ".local/share/mise", ".local/share/pipx", ".m2/repository", ".gradle/caches", "go",
    ".cache/uv", ".cache/pip", ".cache/go-build", ".npm/_cacache",
    ".gitconfig", ".config/git/config", ".config/git/ignore", ".config/git/attributes",
)  # fmt: skip
"""What of a home stays readable: toolchains, their caches, and git's settings without its credentials."""
_NOT_SEARCHED = frozenset({".git", "node_modules"})
_MOST_ENTRIES = 3_000
_MOST_COVERED = 100


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a command may see and change. All of the disk is readable and nothing writable, but for what is named here.

    Of two that lie in one another the inner one holds. Every path is real and there.
    """

    readable: tuple[Path, ...] = ()
    """Opened again inside of what is hidden."""
    writable: tuple[Path, ...] = ()
    """Folders."""
    hidden: tuple[Path, ...] = ()
    """Folders that look empty, or cannot be looked into."""
    covered: tuple[Path, ...] = ()
    """Files that look empty, or cannot be read."""
    network: bool = False


def for_reading(
    roots: Sequence[Path], home: Path, private: Path, programs: Sequence[Path], hidden: Sequence[Path]
) -> Confinement:
    """Return what a command gets that runs unasked: everything read-only but `private`, a folder for temporary files.

    `programs` stay readable wherever they lie, `hidden` is not seen beside what the system hides. Looks at the disk.
    """
    concealed = _real(
        [*(_TOP / it for it in _PRIVATE), *([] if _holds_the_system(home) else [home]), *hidden], folders=True
    )
    shown = _real([*roots, *(home / it for it in _TOOLS), *programs])
    return Confinement(
        readable=shown,
        writable=_real([private]),
        hidden=tuple(it for it in concealed if it not in shown),
        covered=tuple(secrets_below(roots)),
    )


def _holds_the_system(home: Path) -> bool:
    """Whether hiding this home would hide the programs, as for accounts of services that live in `/`."""
    return any(Path(it).is_relative_to(home) for it in SYSTEM_PATH.split(":"))


def secrets_below(roots: Iterable[Path]) -> Iterator[Path]:
    """Yield files of the workspace that are known to hold secrets, as far as a quick look finds them.

    The guard asks about commands that could read one; this is for what it does not foresee.
    """
    left, found = _MOST_ENTRIES, 0
    folders = deque((Path(os.path.realpath(root)), Path()) for root in roots)
    while folders and left > 0 and found < _MOST_COVERED:
        root, relative = folders.popleft()
        for entry in _entries(root / relative):
            left -= 1
            path = relative / entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _NOT_SEARCHED:
                    folders.append((root, path))
            elif entry.is_file(follow_symlinks=False) and is_secret(path):
                found += 1
                yield root / path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda it: it.name)
    except OSError:
        return []


def _real(paths: Iterable[Path], *, folders: bool = False) -> tuple[Path, ...]:
    """Return those that are there, by their real names, each once."""
    real = (Path(os.path.realpath(it)) for it in paths)
    return tuple(dict.fromkeys(it for it in real if (it.is_dir() if folders else it.exists())))
