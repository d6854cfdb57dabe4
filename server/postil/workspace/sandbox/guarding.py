"""What is around one command while it runs: nothing that is protected may appear, and what appeared all the same does not stay."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from postil.workspace.sandbox.confinement import Confinement
from postil.workspace.sandbox.covers import Covers
from postil.workspace.sandbox.failing import told_of_failing
from postil.workspace.sandbox.mechanism import Launch
from postil.workspace.sandbox.survey import Survey, identity_of, survey

_MOST_TOLD = 5
_ASIDE = ".set-aside"


class Around(Protocol):
    """What is done around one process. Its methods are called from the thread that follows it, and do not raise."""

    @property
    def outlived(self) -> bool:
        """Whether what it leaves running in the background may go on when it has ended."""
        ...

    def started(self, pid: int) -> None:
        """Take note of the process that runs now."""
        ...

    def trespasses(self) -> bool:
        """Whether it has done what ends it at once. Asked all the time."""
        ...

    def ended(self, output: str, code: int | None) -> tuple[str, ...]:
        """Tidy up once it and all it started has ended; returns sentences for whoever asked for it."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command that could be started, and what is done around it."""

    launch: Launch
    around: Around


class Nothing:
    """Around what is not confined there is nothing."""

    outlived = True

    def started(self, pid: int) -> None:
        """It is nobody's business here."""

    def trespasses(self) -> bool:
        """It may do anything."""
        return False

    def ended(self, output: str, code: int | None) -> tuple[str, ...]:
        """There is nothing to tidy up."""
        del output, code
        return ()


@dataclass(frozen=True, slots=True)
class Confined:
    """Around what only reads: it leaves nothing behind, but may fail."""

    within: Confinement
    outlived: bool = False

    def started(self, pid: int) -> None:
        """It ends with Postil."""

    def trespasses(self) -> bool:
        """It cannot."""
        return False

    def ended(self, output: str, code: int | None) -> tuple[str, ...]:
        """Return whether it may have failed because it was confined."""
        return told_of_failing(output, code, self.within)


class Guard:
    """Around a command that may change the workspace."""

    outlived = False

    def __init__(
        self,
        roots: Sequence[Path],
        within: Confinement,
        before: Survey,
        watched: Sequence[Path],
        covers: Covers,
    ) -> None:
        """`before` is how the workspace was; `watched` must not appear: what makes it is ended. Raises OSError."""
        self._roots = tuple(roots)
        self._within = within
        self._before = before
        self._watched = tuple(watched)
        self._covers = covers
        self._trespassed = False
        self._needed = [it for it in within.absent if not os.path.lexists(it)]
        self._note = covers.begin(self._needed)

    def started(self, pid: int) -> None:
        """Take note of the process that runs now."""
        with suppress(OSError):  # then what it needed is removed when Postil has ended
            self._covers.started(self._note, self._needed, pid)

    def trespasses(self) -> bool:
        """Whether something has appeared on which programs outside would act before it could be taken away."""
        self._trespassed = self._trespassed or any(os.path.lexists(it) for it in self._watched)
        return self._trespassed

    def ended(self, output: str, code: int | None) -> tuple[str, ...]:
        """Set aside what was made where nothing may be, and remove what was there for as long as it ran."""
        try:
            self._covers.end(self._note)
            return (*self._tidied(), *told_of_failing(output, code, self._within))
        except OSError as error:
            return (f"What it changed could not be looked at: {error.strerror or error}.",)

    def _tidied(self) -> Iterator[str]:
        made = [it for it in self._made() if it not in self._within.absent]
        aside = [it for it in made if it.parent in self._roots or it in self._watched]
        moved = [(it, to) for it in aside if (to := _set_aside(it)) is not None]
        if self._trespassed:
            yield "Ended at once, because it made what git would act on outside of the sandbox."
        if moved:
            names = ", ".join(f"{self._shown(it)} as {to.name}" for it, to in moved[:_MOST_TOLD])
            yield f"Protected paths that it made were set aside: {names}."
        rest = [it for it in made if it not in aside]
        if rest:
            names = ", ".join(self._shown(it) for it in rest[:_MOST_TOLD])
            yield f"It made protected paths, which no tool may change any more: {names}."

    def _made(self) -> Iterator[Path]:
        """Yield protected paths that were not there, or were something else. One that was moved was there."""
        now = survey(self._roots)
        known = {*self._before.protected.values()}
        for path, identity in now.protected.items():
            seen = self._before.complete or path.parent in self._before.seen
            if seen and identity not in known:
                yield path
        yield from (it for it in self._watched if identity_of(it) is not None)

    def _shown(self, path: Path) -> str:
        root = next((it for it in self._roots if path.is_relative_to(it)), None)
        return str(path.relative_to(root)) if root is not None else str(path)


def _set_aside(path: Path) -> Path | None:
    """Give the path a name that nothing acts on; returns it, None where that cannot be done."""
    for number in range(1, 100):
        other = path.with_name(f"{path.name}{_ASIDE}" + (f"-{number}" if number > 1 else ""))
        if os.path.lexists(other):
            continue
        try:
            path.rename(other)
        except OSError:
            return None
        return other
    return None
