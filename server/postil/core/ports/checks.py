"""What a session needs of the project's checks: which there are, and whether running one changed files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from postil.core.verification import Check

FileMarks = Mapping[Path, str]
"""Files as they were at one moment, each by a fingerprint."""


class Checks(Protocol):
    """The checks of the workspace. Nothing here starts a program."""

    @property
    def rounds(self) -> int:
        """How often in a turn the model is told of checks that failed."""
        ...

    async def known(self) -> Sequence[Check]:
        """Return the checks, in the order in which they are run: those that settings name, or else those that files tell of."""
        ...

    async def marks(self, more: Sequence[Path]) -> FileMarks:
        """Return how the files of the project are now, and `more` files beside them."""
        ...

    async def changed(self, marks: FileMarks) -> Sequence[Path]:
        """Return those of the files that are not as they were, sorted."""
        ...

    async def tree(self) -> FileMarks:
        """Return how all files are that look like the project's own, tracked or not, without reading them."""
        ...

    async def since(self, tree: FileMarks) -> Sequence[Path]:
        """Return the files that are not as they were or were not there, sorted; all folders where there are too many to tell."""
        ...
