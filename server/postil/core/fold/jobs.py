"""How jobs change the state: each is there from its start on, and the last that ended are still told of."""

from __future__ import annotations

from postil.core import events as ev
from postil.core.fold.verifying import note_command
from postil.core.jobs import JOBS_KEPT, Job
from postil.core.state import State


def started(state: State, event: ev.JobStarted, _: ev.Recorded) -> None:
    """Keep a job that runs."""
    job = Job(
        id=event.job_id,
        command=event.command,
        cwd=event.cwd,
        pid=event.pid,
        started=event.started,
        machine=event.machine,
        only_reads=event.only_reads,
    )
    state.workflow.jobs = (*state.workflow.jobs, job)


def leave_jobs(state: State) -> None:
    """Another process has opened the session: it follows no job that an earlier one had started."""
    state.workflow.jobs = tuple(
        it if it.end is not None else it.model_copy(update={"left": True}) for it in state.workflow.jobs
    )


def ended(state: State, event: ev.JobEnded, record: ev.Recorded) -> None:
    """Keep how a job ended; of those that have, only so many. Until then it may have changed files."""
    if not any(it.id == event.job_id and it.only_reads for it in state.workflow.jobs):
        turn = state.workflow.turn
        note_command(state, turn.id if turn is not None and turn.routed else None, record)
    jobs = [
        it.model_copy(update={"end": event}) if it.id == event.job_id and it.end is None else it
        for it in state.workflow.jobs
    ]
    old = [it.id for it in jobs if it.end is not None][:-JOBS_KEPT]
    state.workflow.jobs = tuple(it for it in jobs if it.id not in old)
