"""What of a home stays visible to a command: toolchains, their caches, and git's settings without its credentials."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from postil.workspace.files.paths import is_secret
from postil.workspace.sandbox.survey import entries_of

TOOLS = (
    ".cargo/bin", ".cargo/registry", ".cargo/git", ".rustup", ".pyenv", ".nvm", ".fnm", ".asdf", ".volta", ".rbenv", ".rvm", ".sdkman",
    ".local/bin", ".local/lib", ".local/share/uv/python", ".local/share/uv/tools", ".local/share/mise", ".local/share/pipx",
    ".local/share/fnm", ".local/share/pnpm", ".local/share/virtualenvs", ".m2/repository", ".gradle/caches", ".gradle/wrapper", "go", ".bun/bin", ".bun/install", ".deno/bin",
    ".cache/uv", ".cache/pip", ".cache/go-build", ".cache/pypoetry", ".cache/pre-commit", ".cache/ms-playwright", ".npm/_cacache",
    ".yarn/berry", ".gitconfig", ".config/git/config", ".config/git/ignore", ".config/git/attributes",
)  # fmt: skip
"""Of the folders that hold credentials as well, only what lies beside them."""
_DEEP = 2
_HOMES = (Path("/home"), Path("/Users"))
_ALSO_PRIVATE = frozenset(
    {".local", ".config", ".cache", ".cargo", ".npm", ".m2", ".gradle", ".bun", ".deno"}
)
"""Folders of a home whose parts are named above, and which are never shown whole."""


def tools_of(home: Path, folders: Iterable[Path], walls: Sequence[Path]) -> Iterator[Path]:
    """Yield what stays visible of a home, and what belongs to programs in `folders`, such as those of PATH.

    `walls` are the folders that are hidden. Looks at the disk.
    """
    yield from (home / it for it in TOOLS)
    for folder in folders:
        yield folder
        top = Path(os.path.realpath(folder)).parent
        if folder.name == "bin" and _is_toolchain(top, home, walls):
            yield from _without_secrets(top)


def program_folders(file: Path) -> Iterator[Path]:
    """Yield the folders that belong to a program which is named, by its name and by its links: those that are for programs."""
    for it in dict.fromkeys((file, Path(os.path.realpath(file)))):
        if it.parent.name == "bin":
            yield it.parent


def python_base(environment: Path, home: Path, walls: Sequence[Path]) -> Path | None:
    """Return the hidden installation that a virtual environment was made from; None where there is none.

    What the environment says of itself is the workspace's word: it counts where a Python really lies.
    """
    try:
        lines = (environment / "pyvenv.cfg").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return None
    named = next((it.partition("=")[2].strip() for it in lines if it.partition("=")[0].strip() == "home"), "")
    folder = Path(os.path.realpath(named)) if Path(named).is_absolute() else None
    if folder is None or folder.name != "bin" or not os.access(folder / "python3", os.X_OK):
        return None
    library = any(it.name.startswith("python3.") for it in entries_of(folder.parent / "lib"))
    return folder.parent if library and _is_toolchain(folder.parent, home, walls) else None


def _is_toolchain(top: Path, home: Path, walls: Sequence[Path]) -> bool:
    """Whether the folder above a hidden `bin` is one of a toolchain's, rather than a home or a folder that much else lies in."""
    wall = home if top.is_relative_to(home) else next((it for it in walls if top.is_relative_to(it)), None)
    if wall is None:
        return False
    below = top.relative_to(wall).parts[1 if wall in _HOMES else 0 :]
    return bool(below) and (below[0] not in _ALSO_PRIVATE or len(below) > _DEEP)


def _without_secrets(top: Path) -> Iterator[Path]:
    """Yield what lies in a folder but files that are known to hold secrets, and what may be settings of a person's own."""
    for entry in entries_of(top):
        path = Path(entry.path)
        if not is_secret(path) and not entry.name.startswith(("config", "auth", "token", "cred", ".")):
            yield path
