"""One editor without a window, as a process: it says what it says into a file, and is ended whatever happens."""

from __future__ import annotations

import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tests.editors.waiting import PATIENCE, wait_for

T = TypeVar("T")


class Program(ABC):
    """A running editor."""

    def __init__(
        self, name: str, home: Path, command: Sequence[object], folder: Path, env: Mapping[str, str]
    ) -> None:
        """Start it in `folder`; what it says, and what it is asked through, lie in `home` below `name`."""
        self.name = name
        self.socket = home / f"{name}.sock"
        self.socket.unlink(missing_ok=True)
        self.env = {**os.environ, **env}
        self._said = home / f"{name}.out"
        self._output = self._said.open("ab")
        self.process = subprocess.Popen(
            [str(it) for it in command],
            cwd=folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @abstractmethod
    def quit(self) -> int:
        """Leave without saving; returns the exit status."""

    def until(self, seen: Callable[[], T]) -> T:
        """Return what `seen` returns once that is true."""
        return wait_for(seen, self.said)

    def said(self) -> str:
        """Return what it wrote to its terminal, for the report of a failure."""
        return self._said.read_text("utf-8", "replace")[-3000:]

    @property
    def running(self) -> bool:
        """Whether it has not been let go of."""
        return not self._output.closed

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.ended()

    def listens(self) -> bool:
        """Whether it can be asked things; raises where it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.said()}")
        return self.socket.exists()

    def ended(self) -> int:
        """Wait for its end; returns the exit status."""
        status = self.process.wait(PATIENCE)
        self._output.close()
        return status
