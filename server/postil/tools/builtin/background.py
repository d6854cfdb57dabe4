"""`background`: the session's jobs, listed, read and stopped."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from postil.core.effects import Access, Invocation, Preview, Result, RunContext
from postil.core.errors import InvalidInput
from postil.core.jobs import Job
from postil.core.messages import Value
from postil.core.ports import ToolPorts
from postil.core.revealing import one_line
from postil.tools.output import counted

LONGEST = 300.0
"""Seconds that a call may wait for a job's end."""


class Params(Value):
    """What to do with which job."""

    action: Annotated[Literal["list", "read", "stop"], Field(description="`list`, `read` or `stop`.")]
    job: Annotated[
        str | None, Field(min_length=1, max_length=100, description="The job's id, to read or stop it.")
    ] = None
    wait: Annotated[
        float | None,
        Field(ge=0, le=LONGEST, description="Seconds to wait for its end before it is read; 0 by default."),
    ] = None


async def prepare(params: Params, ports: ToolPorts) -> Invocation:
    """Say what would be done; a job is the session's own, so there is nothing else that it touches."""
    jobs, job_id = ports.jobs, params.job or ""
    if (params.action == "list") is bool(job_id):
        raise InvalidInput(
            "`read` and `stop` take a `job`, and `list` takes none.", "List the jobs for their ids."
        )
    if params.wait is not None and params.action != "read":
        raise InvalidInput("Only `read` takes `wait`.")

    async def run(_: RunContext) -> Result:
        if params.action == "list":
            found = await jobs.list()
            lines = [_row(it) for it in found] or ["There are no jobs."]
            return Result("\n".join(lines), details={"jobs": len(found)})
        if params.action == "stop":
            job = await jobs.stop(job_id)
            return Result(_row(job), details=_details(job))
        read = await jobs.read(job_id, params.wait or 0.0)
        text = read.text.rstrip("\n") or "(no output)"
        return Result(f"{text}\n{_row(read.job)}", details=_details(read.job), sources=read.sources)

    words = "List jobs" if params.action == "list" else f"{params.action.capitalize()} job {job_id}"
    if params.wait:
        words = f"{words} within {counted(round(params.wait), 'second')}"
    title = one_line(words)
    return Invocation(title=title, kind="other", access=Access(), preview=Preview(subject=title), run=run)


def _row(job: Job) -> str:
    return f"{job.id}: {job.standing}: {one_line(job.command, 300)}"


def _details(job: Job) -> dict[str, JsonValue]:
    return {
        "job": job.id,
        "standing": job.standing,
        "exit_code": job.end.exit_code if job.end is not None else None,
    }
