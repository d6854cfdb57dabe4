"""A desk in an editor that is a program of its own: one project, one scripted model, one such program at a time."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.editors.program import Program
from tests.editors.waiting import is_running, wait_for
from tests.editors.workplace import Workplace

P = TypeVar("P", bound=Program)
D = TypeVar("D", bound="ProgramDesk[Any]")


class ProgramDesk(Workplace, Generic[P]):
    """What a test works with."""

    def __init__(self, folder: Path, home: Path, binary: Path, other: Workplace | None = None) -> None:
        """`home` is a short path, for sockets and what the editor keeps."""
        super().__init__(folder, other)
        self.home, self.binary = home, binary
        self.program: P | None = None
        self.servers: set[int] = set()
        """The servers that were seen to run for it."""
        self.world.env |= {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"}

    def quit(self) -> None:
        """Leave the editor; no server may be left."""
        assert self.program is not None
        assert self.program.quit() == 0
        for server in self.servers:
            wait_for(lambda server=server: not is_running(server))

    def close(self) -> None:
        """End what still runs, the model last."""
        if self.program is not None and self.program.running:
            self.program.kill()
        super().close()


@contextmanager
def kept(desk: D) -> Generator[D]:
    """Let a test work at a desk, leave the editor after one that passed, and see to it that nothing is left."""
    try:
        yield desk
        if desk.program is not None and desk.program.running:
            desk.quit()
    finally:
        desk.close()
