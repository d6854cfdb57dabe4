"""The machine that Postil runs on, as the shell guard sees it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from postil.permissions.shell.files import RealFiles
from postil.permissions.shell.surroundings import Surroundings
from postil.workspace.commands.environment import SYSTEM_PATH
from postil.workspace.commands.git import repository_at
from postil.workspace.commands.tracked import tracked_files
from postil.workspace.sandbox.choice import choose
from postil.workspace.sandbox.mechanism import Unconfined


def this_machine(
    roots: Sequence[Path],
    own: Sequence[Path],
    notes: Path | None = None,
    started: Callable[[], frozenset[str]] = frozenset,
) -> Surroundings:
    """Return the surroundings of commands in a workspace; `own` are the folders of Postil's own that nothing may write.

    `notes` is the one in which private notes lie, resolved. `started` gives the files that hooks and servers name.
    """
    resolved = tuple(os.path.realpath(it) for it in roots)
    return Surroundings(
        roots=resolved,
        cwd=resolved[0] if resolved else "/",
        home=os.path.realpath(Path.home()),
        files=RealFiles(),
        installed=is_installed,
        repository=lambda folder: repository_at(Path(folder)).problem,
        filters=lambda folder: repository_at(Path(folder)).filters,
        tracked=lambda folder: tracked_files(Path(folder)),
        own=("/etc/postil", *(os.path.realpath(it) for it in own)),
        notes=str(notes) if notes is not None else "",
        started=started,
        hides_settings=lambda: not isinstance(choose(), Unconfined),
    )


@lru_cache(maxsize=512)
def is_installed(name: str) -> bool:
    """Whether the system's own folders have a program of that name."""
    return "/" not in name and shutil.which(name, path=SYSTEM_PATH) is not None
