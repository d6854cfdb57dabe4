"""The folders that the programs of asked commands are found in: the user's own PATH, without what others can put programs into."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from postil.core.errors import CommandFailed
from postil.workspace.commands.environment import SYSTEM_PATH, program_environment
from postil.workspace.commands.shell import finish_program, start_launch
from postil.workspace.sandbox.mechanism import Launch

_PATIENCE = 4.0
_SHELLS = {"bash": "-ilc", "zsh": "-ilc", "fish": "-lc", "sh": "-lc", "dash": "-lc", "ksh": "-lc"}
_TELL = 'printf "%s%s%s" "<postil>" "$PATH" "</postil>"'
_TOLD = re.compile(r"<postil>(.*?)</postil>", re.DOTALL)


class LoginPath:
    """The user's PATH. It is asked of their login shell where Postil was not started from a terminal, which has it."""

    def __init__(
        self,
        own: Mapping[str, str] | None = None,
        roots: Sequence[Path] = (),
        trusted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`own` is the environment that Postil was started with; by default the process's. `trusted` says whether
        programs of the workspace's own environment may be started by their name."""
        self._own = own
        self._roots = tuple(roots)
        self._trusted = trusted
        self._told: tuple[str, ...] | None = None

    def folders(self) -> tuple[Path, ...]:
        """Return the folders, in order. Blocking, the first time perhaps for seconds; never raises."""
        if self._told is None:
            self._told = tuple(dict.fromkeys(self._all()))
        trusted = self._trusted()
        return tuple(path for it in self._told if self._counts(path := Path(it), trusted=trusted))

    def text(self) -> str:
        """Return the value of PATH. Blocking; never raises."""
        return os.pathsep.join(map(str, self.folders()))

    def find(self, program: str, cwd: Path) -> Path | None:
        """Return the file that a word of a command would start; None where there is none. Blocking; never raises."""
        if "/" in program:
            found = Path(os.path.normpath(cwd / program))
            return found if _starts(found) else None
        return next((it / program for it in self.folders() if _starts(it / program)), None)

    def _all(self) -> Iterator[str]:
        own = self._own if self._own is not None else os.environ
        yield from own.get("PATH", "").split(os.pathsep)
        if "TERM" not in own:
            yield from _of_login_shell(own).split(os.pathsep)
        yield from SYSTEM_PATH.split(":")

    def _counts(self, folder: Path, *, trusted: bool) -> bool:
        if not folder.is_absolute() or not folder.is_dir():
            return False
        real = Path(os.path.realpath(folder))
        if any(it.is_relative_to(root) for it in (folder, real) for root in self._roots):
            return trusted and (folder.parent / "pyvenv.cfg").is_file()
        return _is_settled(real)


def _of_login_shell(own: Mapping[str, str]) -> str:
    shell = own.get("SHELL", "")
    option = _SHELLS.get(Path(shell).name)
    if option is None or not Path(shell).is_absolute() or sys.platform == "win32":
        return ""
    root = Path(shell).anchor
    launch = Launch((shell, option, _TELL), program_environment(own))
    try:
        ended = finish_program(start_launch(launch, Path(root)), _PATIENCE)
    except (CommandFailed, OSError):
        return ""
    told = _TOLD.search(ended.stdout.decode("utf-8", "surrogateescape"))
    return told[1] if told is not None else ""


def _is_settled(folder: Path) -> bool:
    """Whether not everybody may put programs into a folder, or another folder in its place."""
    try:
        modes = [it.stat().st_mode for it in (folder, *folder.parents)]
    except OSError:
        return False
    others = [bool(mode & stat.S_IWOTH) for mode in modes]
    kept = [bool(mode & stat.S_ISVTX) for mode in modes]
    return not others[0] and not any(
        open_ and not own for open_, own in zip(others[1:], kept[1:], strict=True)
    )


def _starts(path: Path) -> bool:
    # A word of a command may be no name that a file could have.
    return os.path.isfile(path) and os.access(path, os.X_OK)  # noqa: PTH113 - unlike Path, it never raises
