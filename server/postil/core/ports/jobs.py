"""What tools need of commands that run in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from postil.core.effects import Command
from postil.core.errors import ToolError
from postil.core.jobs import Job
from postil.core.origin import Source


@dataclass(frozen=True, slots=True)
class JobOutput:
    """The end of what a job has printed, without secrets."""

    job: Job
    text: str
    sources: tuple[Source, ...]
    """Where the text comes from."""


class Jobs(Protocol):
    """The jobs of one session. Methods raise ToolError for a job that there is not."""

    async def list(self) -> Sequence[Job]:
        """Return those that run and the last that have ended, oldest first."""
        ...

    async def start(self, command: Command, call_id: str) -> Job:
        """Start a command that was allowed, and return once it is on record. Raises ToolError where it cannot be started."""
        ...

    async def read(self, job_id: str, wait: float) -> JobOutput:
        """Return what a job has printed, after its end or after `wait` seconds, whichever comes first."""
        ...

    async def stop(self, job_id: str) -> Job:
        """End a job with all that it has started, and return it; one that has ended stays as it is.

        Raises ToolError where it cannot be told, or brought about, that the process of one that was left ends.
        """
        ...


class NoJobs:
    """Stands where nothing runs in the background."""

    async def list(self) -> Sequence[Job]:
        """Return nothing."""
        return ()

    async def start(self, command: Command, call_id: str) -> Job:
        """Raise ToolError."""
        del command, call_id
        raise ToolError("Nothing runs in the background here.", "Run it without `background`.")

    async def read(self, job_id: str, wait: float) -> JobOutput:
        """Raise ToolError."""
        del wait
        raise ToolError(f"There is no job {job_id}.")

    async def stop(self, job_id: str) -> Job:
        """Raise ToolError."""
        raise ToolError(f"There is no job {job_id}.")
