"""What a sandbox is to the shell: it turns a command into one that is confined, ready to be started."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from postil.workspace.sandbox.confinement import Confinement

CONFINED_PROBE = ("/bin/sh", "-c", "true")
"""What is really run to learn whether a mechanism works here."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A process to start: its words, its whole environment, and open files that it inherits."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    files: tuple[int, ...] = ()
    """Descriptors made for this launch alone; whoever starts it closes them."""

    def close(self) -> None:
        """Let go of the files."""
        for it in self.files:
            with suppress(OSError):
                os.close(it)


class Mechanism(Protocol):
    """One way to confine a command."""

    @property
    def title(self) -> str:
        """What it is, in a few words, for `postil doctor`."""
        ...

    @property
    def lets_work(self) -> bool:
        """Whether it can let a command change the workspace and still keep what is protected there."""
        ...

    @property
    def lays_over(self) -> bool:
        """Whether it can lay other contents over a file."""
        ...

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        """Return what to start so that `argv` runs confined. Blocking, for a moment. Raises OSError."""
        ...


class Unconfined:
    """No sandbox: the command runs as it is."""

    title = "none: only what is provably read-only runs unasked"
    lets_work = False
    lays_over = False

    def launch(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], within: Confinement
    ) -> Launch:
        """Return the command itself."""
        del cwd, within
        return Launch(tuple(argv), environment)
