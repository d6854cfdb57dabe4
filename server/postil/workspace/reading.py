"""Where commands that run unasked find themselves: an environment made from nothing, and git that starts nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from postil.workspace.disk import PRIVATE_FOLDER
from postil.workspace.environment import SYSTEM_PATH, reading_environment
from postil.workspace.git import hardened, repository_at, shim
from postil.workspace.real_disk import RealDisk

_PROGRAM = 0o700


class Reading:
    """Makes the environment of commands that only read; keeps what they need in a private folder."""

    def __init__(self, folder: Path, own: Mapping[str, str] | None = None) -> None:
        """`own` is the environment that a few harmless names are taken from; by default the process's."""
        self._folder = folder
        self._own = own

    def environment(self, cwd: Path) -> dict[str, str]:
        """Return the whole environment of a command in the folder `cwd`. Blocking. Raises OSError."""
        self._prepare()
        own = self._own if self._own is not None else os.environ
        return reading_environment(own, str(self._folder)) | hardened(repository_at(cwd).filters)

    def _prepare(self) -> None:
        """See to it that the folder has its own git and a place for temporary files."""
        disk = RealDisk()
        for name in ("bin", "tmp"):
            (self._folder / name).mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        git = self._folder / "bin" / "git"
        real = shutil.which("git", path=SYSTEM_PATH)
        wanted = shim(real).encode() if real is not None else b""
        if real is not None and (not git.is_file() or git.read_bytes() != wanted):
            disk.replace(git, wanted, _PROGRAM)
