"""The ways in which commands run here: unasked, allowed, and outside of any sandbox; and how each command would."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from postil.core.effects import Command
from postil.core.outlook import Outlook, Starts, mark
from postil.workspace.commands.reading import Reading
from postil.workspace.commands.working import Working
from postil.workspace.sandbox.choice import choose
from postil.workspace.sandbox.guarding import Prepared
from postil.workspace.sandbox.mechanism import Mechanism


class Ways:
    """Prepares every command by what it was allowed. Blocking: call it in a thread."""

    def __init__(
        self,
        reading: Reading,
        working: Working,
        starts: Callable[[str, Path], Starts] = lambda line, cwd: Starts(),
        sandbox: Callable[[], Mechanism] = choose,
    ) -> None:
        """`starts` tells what a line would start in a folder."""
        self._reading = reading
        self._working = working
        self._starts = starts
        self._sandbox = sandbox

    def prepare(self, argv: Sequence[str], command: Command) -> Prepared:
        """Return the command as it is started. Raises OSError."""
        if command.only_reads:
            return self._reading.prepare(argv, command)
        return self._working.prepare(argv, command)

    def outlook(self, command: Command) -> Outlook:
        """Return how an allowed command would run now. Never raises."""
        starts = self._starts(command.line, command.cwd)
        why = "" if command.outside else self._working.why_outside()
        outside = bool(command.outside or why)
        found = [(it, self._find(it, command.cwd)) for it in starts.programs]
        found += [(it, path) for it in starts.perhaps if (path := self._find(it, command.cwd))]
        mechanism = self._sandbox()
        sandbox = "" if outside else mechanism.title
        network = self._working.network and not outside
        marks = {"the sandbox": mark(sandbox, network)}
        marks |= {f"the program {name}": _file_mark(path, starts.files) for name, path in found}
        environment = self._working.environment(outside=outside)
        marks |= {f"the variable {name}": mark(value) for name, value in environment.items()}
        # Any word may stand for a file, also one that no file could be called.
        files = tuple(it for it in starts.files if os.path.isfile(it))  # noqa: PTH113 - unlike Path, it never raises
        return Outlook(sandbox, why, network, mechanism.lays_over, tuple(found), files, marks)

    def _find(self, program: str, cwd: Path) -> str:
        found = self._working.path.find(program, cwd)
        return str(found) if found is not None else ""


def _file_mark(path: str, compared: Sequence[Path]) -> str:
    """Return a hash of which file it is, and of what is known of its contents unless those are `compared` anyway."""
    return mark(*_told(path, compared))


def _told(path: str, compared: Sequence[Path]) -> Iterator[object]:
    yield path
    if not path:
        return
    real = Path(os.path.realpath(path))
    yield real
    if real in compared:
        return
    try:
        found = real.stat()
    except OSError:
        return
    yield from (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
