"""Which checks a project has, told from its files: the same files give the same checks, and nothing of it is run."""

from __future__ import annotations

from pathlib import Path

from postil.core.verification import Check
from postil.workspace.checks import compiled, javascript, python, targets
from postil.workspace.checks.project import Project


def detected(folder: Path) -> tuple[Check, ...]:
    """Return the checks of the project in a folder, in the order in which they are run. Blocking; never raises.

    What is about all of a project (`make check`) is taken only where nothing more special was found: it takes longer,
    and mostly runs the same.
    """
    project = Project(folder)
    special = (*python.find(project), *javascript.find(project), *compiled.find(project))
    return special or tuple(targets.find(project))
