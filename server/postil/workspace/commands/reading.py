"""How commands run that run unasked: an environment made from nothing, git that starts nothing, and a sandbox around both."""

from __future__ import annotations

import math
import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from postil.core.effects import Command
from postil.workspace.commands.environment import SYSTEM_PATH, reading_environment
from postil.workspace.commands.git import (
    hardened,
    repository_at,
    repository_folders,
    shim,
    tracked,
    without_repository,
)
from postil.workspace.files.disk import PRIVATE_FOLDER
from postil.workspace.files.real_disk import RealDisk
from postil.workspace.sandbox.choice import choose
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.guarding import Confined, Nothing, Prepared
from postil.workspace.sandbox.mechanism import Launch, Mechanism, Unconfined
from postil.workspace.sandbox.survey import secrets_below
from postil.workspace.sandbox.unasked import for_reading

_PROGRAM = 0o700


class Reading:
    """Prepares commands that only read; keeps what they need in a private folder."""

    def __init__(
        self,
        folder: Path,
        roots: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        sandbox: Callable[[], Mechanism] = choose,
        own: Mapping[str, str] | None = None,
        trusted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`roots` is the workspace, `hidden` what no command sees. `own` is the environment that a few harmless
        names are taken from; by default the process's. Where the workspace is not `trusted`, nothing looks at its
        repositories, and git finds none."""
        self._folder = folder
        self._roots = tuple(roots)
        self._hidden = tuple(hidden)
        self._sandbox = sandbox
        self._own = own
        self._trusted = trusted

    def prepare(self, argv: Sequence[str], command: Command) -> Prepared:
        """Return the command as it is started, and what is done around it. Blocking. Raises OSError."""
        mechanism = self._sandbox()
        environment = self.environment(command.cwd)
        within = self._confinement(command)
        launch = mechanism.launch(argv, command.cwd, environment, within)
        return Prepared(launch, Nothing() if isinstance(mechanism, Unconfined) else Confined(within))

    def launch(self, argv: Sequence[str], cwd: Path) -> Launch:
        """Return words as they are started in the folder `cwd`. Blocking. Raises OSError."""
        return self.prepare(argv, Command(shlex.join(argv), cwd, math.inf)).launch

    def environment(self, cwd: Path) -> dict[str, str]:
        """Return the whole environment of a command in the folder `cwd`. Blocking. Raises OSError."""
        self._prepare()
        own = self._own if self._own is not None else os.environ
        git = hardened(repository_at(cwd).filters) if self._trusted() else without_repository()
        return reading_environment(own, str(self._folder)) | git

    def _confinement(self, command: Command) -> Confinement:
        cwd = command.cwd
        home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 (without a home it raises nothing)
        # git tells nothing true of a folder in a repository of which it sees only a part.
        folders = repository_folders(cwd) if self._trusted() else ()
        repository = [it for it in folders if not home.is_relative_to(it)]
        return for_reading(
            self._roots or (cwd,),
            home,
            self._folder / "tmp",
            [self._folder / "bin", *repository],
            self._hidden,
            self._secrets(command),
            command.laid,
        )

    def _secrets(self, command: Command) -> list[Path]:
        """Return files that are known to hold secrets. What git has in its data anyway stays open to it, as it can tell
        no differences beside a file that it cannot read."""
        roots = self._roots or (command.cwd,)
        found = list(secrets_below(roots))
        if not any(Path(name).name == "git" for name, _ in command.outlook.programs):
            # The guard counts on this: see its check of secrets.
            return [*found, *(it / ".git/config" for it in roots)] if command.outlook.marks else found
        if found and self._trusted():
            known = frozenset(it for root in roots for it in tracked(root, found))
            found = [it for it in found if it not in known]
        return found

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
