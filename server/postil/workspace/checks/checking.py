"""The checks of a workspace for its sessions: those that settings name, or else those that its files tell of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from postil.core.ports.checks import FileMarks
from postil.core.verification import Check


class WorkspaceChecks:
    """Looks each time that it is asked, away from the loop; what it looks with is loaded then."""

    def __init__(self, roots: Sequence[Path], named: Callable[[], Sequence[Check]], rounds: int) -> None:
        """`named` returns the checks that settings name and that count now."""
        self._roots = tuple(roots)
        self._named = named
        self._rounds = rounds

    @property
    def rounds(self) -> int:
        """How often in a turn the model is told of checks that failed."""
        return self._rounds

    async def known(self) -> Sequence[Check]:
        """Return the checks, in the order in which they are run."""
        return tuple(self._named()) or await asyncio.to_thread(_detected, self._roots[0])

    async def marks(self, more: Sequence[Path]) -> FileMarks:
        """Return how the files of the project are now, and `more` files beside them."""
        return await asyncio.to_thread(_taken, self._roots, more)

    async def changed(self, marks: FileMarks) -> Sequence[Path]:
        """Return those of the files that are not as they were, sorted."""
        return await asyncio.to_thread(_differing, marks)

    async def tree(self) -> FileMarks:
        """Return how all files are that look like the project's own, tracked or not, without reading them."""
        return await asyncio.to_thread(_tree, self._roots)

    async def since(self, tree: FileMarks) -> Sequence[Path]:
        """Return the files that are not as they were or were not there, sorted; all folders where there are too many to tell."""
        return await asyncio.to_thread(_since, self._roots, tree)


def _detected(folder: Path) -> Sequence[Check]:
    from postil.workspace.checks.detection import detected  # noqa: PLC0415 - no turn without edits needs it

    return detected(folder)


def _taken(roots: Sequence[Path], more: Sequence[Path]) -> FileMarks:
    from postil.workspace.checks.marks import taken  # noqa: PLC0415 - as above

    return taken(roots, more)


def _differing(marks: FileMarks) -> Sequence[Path]:
    from postil.workspace.checks.marks import differing  # noqa: PLC0415 - as above

    return differing(marks)


def _tree(roots: Sequence[Path]) -> FileMarks:
    from postil.workspace.checks.marks import tree  # noqa: PLC0415 - as above

    return tree(roots)


def _since(roots: Sequence[Path], before: FileMarks) -> Sequence[Path]:
    from postil.workspace.checks.marks import since  # noqa: PLC0415 - as above

    return since(roots, before)
