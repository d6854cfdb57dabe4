"""Which sandbox this machine has: the first that has really run a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from postil.core.errors import CommandFailed
from postil.workspace.commands.environment import SYSTEM_PATH
from postil.workspace.commands.shell import finish_program, start_launch
from postil.workspace.sandbox.bubblewrap import Bubblewrap, find_bubblewrap
from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.landlock import OLDEST, Landlock, landlock_version
from postil.workspace.sandbox.mechanism import CONFINED_PROBE, Mechanism, Unconfined
from postil.workspace.sandbox.seatbelt import SANDBOX_EXEC, Seatbelt
from postil.workspace.sandbox.seccomp import known_calls

_PATIENCE = 10.0


@lru_cache(maxsize=1)
def choose() -> Mechanism:
    """Return the best sandbox that works here. Blocking, the first time; it runs a command that does nothing."""
    return next((it for it in present() if works(it)), Unconfined())


def present() -> Iterator[Mechanism]:
    """Yield what could be tried here, the best first."""
    if sys.platform == "darwin" and Path(SANDBOX_EXEC).exists():
        yield Seatbelt()
    if sys.platform == "linux":
        program = find_bubblewrap()
        if program is not None:
            yield Bubblewrap(program)
        version = landlock_version()
        if version >= OLDEST and known_calls() is not None:
            yield Landlock(version)


def works(mechanism: Mechanism) -> bool:
    """Whether a command runs in it. Blocking."""
    root = Path(os.path.abspath(os.sep))  # noqa: PTH100 (a path of no file)
    try:
        launch = mechanism.launch(CONFINED_PROBE, root, {"PATH": SYSTEM_PATH}, Confinement())
        return finish_program(start_launch(launch, root), _PATIENCE).code == 0
    except (OSError, CommandFailed):
        return False
