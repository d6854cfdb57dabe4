"""`postil ask` is killed while a job runs; the next process that opens the session looks after it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from postil.core.events import JobEnded, JobStarted
from postil.workspace.commands.processes import process_alive
from tests.support.asking import desk
from tests.support.killing import asking
from tests.support.lsp_world import gone

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only /proc tells whether a process is the same"
)
COMMAND = "sleep 1000"
CALLS: list[dict[str, Any]] = [
    {"tool": "shell", "input": {"command": COMMAND, "background": True}},
    {"tool": "shell", "input": {"command": "echo up; sleep 1000"}},
]


async def test_a_job_that_outlived_its_postil_ends_when_its_session_is_closed(tmp_path: Path) -> None:
    async with desk(tmp_path, [*CALLS, "I see."], trusts=True) as place:
        async with asking(
            place, "--allow", f"Bash({COMMAND})", "--allow", "Bash(echo up; sleep 1000)", "Go."
        ) as running:
            job = await running.until(lambda it: it["type"] == "JobStarted")
            assert job is not None
            other = await running.until(lambda it: it["type"] == "ProcessStarted")
            assert other is not None
            await running.kill()
        pid, began = job["pid"], job["started"]
        assert process_alive(pid, began), "it outlives its Postil"
        try:
            again = await place.ask("--resume", "latest", "")
        finally:
            os.kill(other["pid"], signal.SIGKILL)
        assert again.status == 0, again.err
        await gone([(pid, began)])
        record = await place.record(again.lines[0]["sessionId"])
        (end,) = [it.event for it in record.events if isinstance(it.event, JobEnded)]
        assert end.how == "closed"
        assert len([it for it in record.events if isinstance(it.event, JobStarted)]) == 1
