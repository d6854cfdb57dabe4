"""Commands that run in the background of a session: started once, on record, and ended with it.

A job is started by a call that was decided about as any command is. Its output goes into a bounded file beside the journal. What
an earlier process had started is never started again; what of it runs on can be stopped (`left_jobs.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from postil.agent.calls.printed import Printed
from postil.agent.emitter import Emitter
from postil.agent.parts import Parts
from postil.core.effects import Access, Command
from postil.core.errors import JournalError, NotFound, ToolError
from postil.core.events import JobEnded, JobStarted
from postil.core.jobs import OF_JOBS, Job, JobEnd
from postil.core.ports import JobOutput
from postil.core.revealing import shortened
from postil.permissions.origins import sources_of

if TYPE_CHECKING:
    from postil.agent.background.left_jobs import LeftJobs

log = logging.getLogger(__name__)

MOST = 5
"""Jobs that run at once."""
CLOSING = 5.0
"""Seconds that jobs are given to end when their session is closed."""


@dataclass(slots=True)
class _Running:
    """A job that this process follows."""

    id: str
    command: Command
    call_id: str
    printed: Printed = field(default_factory=Printed)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    why: JobEnd = "stopped"
    """How it ended, where it is cancelled."""
    over: bool = False
    """Whether it has ended, and that is being recorded: nothing stops that."""
    task: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Have it end, where it has not."""
        if self.task is not None and not self.over:
            self.task.cancel()


class SessionJobs:
    """The jobs of one session."""

    def __init__(self, emitter: Emitter, parts: Parts) -> None:
        self._emitter = emitter
        self._parts = parts
        self._running: dict[str, _Running] = {}
        self._left: LeftJobs | None = None
        """Looks after what an earlier process has left; few sessions have any."""
        emitter.on_halt(self._end_all)

    async def list(self) -> Sequence[Job]:
        """Return those that run and the last that have ended, oldest first."""
        await self._look()
        return self._emitter.state.workflow.jobs

    async def start(self, command: Command, call_id: str) -> Job:
        """Start a command that was allowed, and return once it is on record. Raises ToolError."""
        left = await self._look()
        if len(self._running) + len(left) >= MOST:
            raise ToolError(f"{MOST} jobs run already.", "Stop one, or wait for its end.")
        running = _Running(self._parts.ids.new("job"), command, call_id)
        self._running[running.id] = running
        running.task = asyncio.create_task(self._follow(running))
        begun = asyncio.ensure_future(running.begun.wait())
        try:
            await asyncio.wait({running.task, begun}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            running.end()
            raise
        finally:
            begun.cancel()
        if not running.begun.is_set():
            await running.task
            raise ToolError("The job ended before it began.")
        return self._job(running.id)

    async def read(self, job_id: str, wait: float) -> JobOutput:
        """Return what a job has printed, after its end or after `wait` seconds, whichever comes first."""
        self._job(job_id)
        running = self._running.get(job_id)
        if running is not None and running.task is not None and wait > 0:
            await asyncio.wait({running.task}, timeout=wait)
        elif self._left is not None:
            await self._left.wait(job_id, wait)
        job = self._job(job_id)
        access = Access(command=Command(job.command, Path(job.cwd), 0.0), open_world=True)
        sources = await asyncio.to_thread(sources_of, access, self._parts.workspace.roots, "shell")
        return JobOutput(job, await self._emitter.kept_output(OF_JOBS, job_id), sources)

    async def stop(self, job_id: str) -> Job:
        """End a job with all that it has started, and return it; one that has ended stays as it is.

        Raises ToolError where one that was left does not end.
        """
        self._job(job_id)
        running = self._running.get(job_id)
        if running is not None and running.task is not None:
            running.end()
            await asyncio.wait({running.task}, timeout=CLOSING)
        elif self._left is not None:
            await self._left.stop(job_id)
        return self._job(job_id)

    async def close(self) -> None:
        """End every job: none outlives its session."""
        for running in self._running.values():
            running.why = "closed"
        tasks = {it.task for it in self._running.values() if it.task is not None}
        self._end_all()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING)
        if self._left is not None:
            await self._left.close()

    async def recover(self) -> None:
        """Say of each job of an earlier process that does not run any more that its outcome is unknown."""
        if any(it.left and it.end is None for it in self._emitter.state.workflow.jobs):
            from postil.agent.background.left_jobs import LeftJobs  # noqa: PLC0415 - as above

            self._left = LeftJobs(self._emitter, self._parts)
            await self._left.look()

    async def _look(self) -> Sequence[Job]:
        return await self._left.look() if self._left is not None else ()

    def _end_all(self) -> None:
        for running in self._running.values():
            running.end()

    async def _follow(self, running: _Running) -> None:
        """Run the command to its end, and record that; until then it counts as one that runs."""
        try:
            await self._run(running)
        finally:
            self._running.pop(running.id, None)

    async def _run(self, running: _Running) -> None:
        since = self._parts.clock.monotonic()

        async def spawned(pid: int, started: float) -> None:
            await self._emitter.emit(self._started(running, pid, started), sync=True)
            running.begun.set()

        def output(text: str) -> None:
            self._keep(running, running.printed.add(text))

        how, code = running.why, None
        try:
            result = await self._parts.shell.run(running.command, output, spawned)
            code = result.exit_code
            how = "ended" if code is not None else "timed_out"
        except asyncio.CancelledError:
            how = running.why
        except (ToolError, JournalError):
            if not running.begun.is_set():
                raise
            how = "unknown"
        except Exception:
            log.exception("the job %s", running.id)
            how = "unknown"
        running.over = True
        if running.begun.is_set():
            await self._ended(running, how, code, self._parts.clock.monotonic() - since)

    def _started(self, running: _Running, pid: int, started: float) -> JobStarted:
        call = self._emitter.state.workflow.calls[running.call_id]
        return JobStarted(
            job_id=running.id,
            turn_id=call.turn_id,
            call_id=running.call_id,
            command=running.command.line,
            cwd=str(running.command.cwd),
            pid=pid,
            started=started,
            machine=self._parts.shell.machine(),
            only_reads=running.command.only_reads,
        )

    async def _ended(self, running: _Running, how: JobEnd, code: int | None, seconds: float) -> None:
        self._keep(running, running.printed.rest())
        event = JobEnded(job_id=running.id, how=how, exit_code=code, seconds=round(max(0.0, seconds), 3))
        try:
            await self._emitter.emit(event, sync=True)
        except JournalError:
            log.info("the end of the job %s could not be recorded", running.id)

    def _keep(self, running: _Running, shown: str) -> None:
        if shown:
            self._emitter.keep_output(OF_JOBS, running.id, shown)

    def _job(self, job_id: str) -> Job:
        found = next((it for it in self._emitter.state.workflow.jobs if it.id == job_id), None)
        if found is None:
            raise NotFound(f"There is no job {shortened(job_id)}.", "List the jobs for those that there are.")
        return found
