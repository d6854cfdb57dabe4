"""Jobs: commands that run on in the background while the session goes on, as values and events."""

from __future__ import annotations

from typing import Literal

from postil.core.event import Event
from postil.core.messages import Value

JobEnd = Literal["ended", "timed_out", "stopped", "closed", "unknown"]
"""By itself, at its time limit, because somebody stopped it, with its session, or nobody saw: its process of Postil had died."""

OF_JOBS = "job"
"""In the place of a turn, in the name of the file with a job's output."""
JOBS_KEPT = 20
"""Jobs that have ended and are still told of."""
_LEFT = "running, left by a Postil that died; what it prints since then is not kept"


class JobStarted(Event):
    """A command runs in the background; `started` (seconds since boot) tells its process from a later owner of its id.

    `machine` names the run of the machine that `started` is counted in; empty where the system does not say.
    """

    type: Literal["JobStarted"] = "JobStarted"
    job_id: str
    turn_id: str
    call_id: str
    command: str
    cwd: str
    pid: int
    started: float
    machine: str = ""
    only_reads: bool = False
    """Whether it is known to change nothing."""


class JobEnded(Event):
    """The one end of a job. It is never started again."""

    type: Literal["JobEnded"] = "JobEnded"
    job_id: str
    how: JobEnd
    exit_code: int | None = None
    """None where it did not end by itself."""
    seconds: float = 0.0
    note: str = ""
    """What else is known, one sentence."""


class Job(Value):
    """A job as far as it is on record."""

    id: str
    command: str
    cwd: str
    pid: int
    started: float
    machine: str = ""
    left: bool = False
    """Whether it was running when its process of Postil died: since then nobody reads what it prints."""
    only_reads: bool = False
    end: JobEnded | None = None

    @property
    def standing(self) -> str:
        """How it stands, in words."""
        return _LEFT if self.left and self.end is None else standing(self.end)


def standing(end: JobEnded | None) -> str:
    """Return how a job stands, in words; None where it runs."""
    if end is None:
        return "running"
    words = {
        "ended": f"ended, exit code {end.exit_code}, after {end.seconds:.0f} s",
        "timed_out": f"ended at its time limit, after {end.seconds:.0f} s",
        "stopped": "stopped",
        "closed": "ended with its session",
        "unknown": "outcome unknown",
    }[end.how]
    return f"{words}. {end.note.rstrip('.')}" if end.note else words
