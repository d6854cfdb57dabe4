"""Jobs that an earlier process of the session had started and that may run on: looked at, waited for and ended, never started again.

Nobody follows them any more: what they print is lost, and their exit code too. An id that the system has given to another process
since is not theirs: they are known by its start as well, in the run of the machine that both were counted in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.errors import JournalError, ToolError
from postil.core.jobs import Job, JobEnd, JobEnded

log = logging.getLogger(__name__)

_GLANCE = 0.2
"""Seconds between two looks at one that is waited for: it is no child, whose end would be told."""
_OTHER = "It was started before the machine was started again, or in another container; whether it runs there is not seen from here."
_UNTOLD = "The system does not tell whether it still runs."
_GONE = "It runs no more, and nobody saw how it ended."


class LeftJobs:
    """Those of one session."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts

    async def look(self) -> Sequence[Job]:
        """Return those that still run; the end of each that does not is recorded."""
        running: list[Job] = []
        for job in self._open():
            if not (note := self._gone(job)):
                running.append(job)
            else:
                await self._ended(job, "unknown", note)
        return running

    async def wait(self, job_id: str, seconds: float) -> None:
        """Return once a job does not run any more, or after so many seconds."""
        clock = self._parts.clock
        until = clock.monotonic() + seconds
        while any(it.id == job_id for it in await self.look()) and clock.monotonic() < until:  # noqa: ASYNC110 - no child
            await asyncio.sleep(_GLANCE)

    async def stop(self, job_id: str) -> None:
        """End a job with all that it has started. Raises ToolError where that cannot be brought about."""
        for job in await self.look():
            if job.id == job_id and not await self._stopped(job, "stopped"):
                raise ToolError(
                    f"Process {job.pid} of the job did not end.", f"It is the user's to end: kill {job.pid}"
                )

    async def close(self) -> None:
        """End them all, as the session's own; one that does not end is on record as it is."""
        try:
            await asyncio.gather(*(self._stopped(it, "closed") for it in await self.look()))
        except JournalError:
            log.info("the end of a job that was left could not be recorded")

    def _open(self) -> Sequence[Job]:
        return [it for it in self._emitter.state.workflow.jobs if it.left and it.end is None]

    def _gone(self, job: Job) -> str:
        """Return why a job is not to be looked after any more; nothing where its process runs."""
        machine = self._parts.shell.machine()
        if not (job.started and job.machine and machine):
            return _UNTOLD
        if job.machine != machine:
            return _OTHER
        return "" if self._parts.shell.runs(job.pid, job.started) else _GONE

    async def _stopped(self, job: Job, how: JobEnd) -> bool:
        if not await self._parts.shell.end(job.pid, job.started):
            return False
        await self._ended(job, how, "")
        return True

    async def _ended(self, job: Job, how: JobEnd, note: str) -> None:
        if any(it.id == job.id for it in self._open()):  # two calls may have looked at once
            await self._emitter.emit(JobEnded(job_id=job.id, how=how, note=note), sync=True)
