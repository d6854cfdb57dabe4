"""Programs that Postil starts for itself: found on PATH, but never where a workspace could have put them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from postil.workspace.commands.environment import SYSTEM_PATH


def own_program(name: str, workspace: Iterable[Path] = ()) -> str | None:
    """Return the file of the program on PATH, folders of the workspace and relative ones left out; None where there is none.

    Blocking.
    """
    roots = [real for it in workspace if not _holds_the_system(real := Path(os.path.realpath(it)))]
    folders = [
        it
        for it in os.environ.get("PATH", os.defpath).split(os.pathsep)
        if os.path.isabs(it) and not any(Path(os.path.realpath(it)).is_relative_to(root) for root in roots)  # noqa: PTH117 (a string)
    ]
    found = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
    # A link on PATH may lead into the workspace all the same.
    inside = found is not None and any(Path(os.path.realpath(found)).is_relative_to(root) for root in roots)
    return None if inside else found


def _holds_the_system(folder: Path) -> bool:
    """Whether the system's own programs lie in the folder: then leaving it out would leave nothing."""
    return any(Path(it).is_relative_to(folder) for it in SYSTEM_PATH.split(":"))
