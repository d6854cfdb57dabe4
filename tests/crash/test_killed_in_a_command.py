"""`postil ask` is killed inside a command that has had its effect; what the next process makes of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from postil.workspace.commands.processes import process_alive
from tests.support.asking import Desk, desk, run
from tests.support.killing import asking
from tests.support.lsp_world import gone

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only /proc tells whether a process is the same"
)

COMMAND = "sh step.sh"
STEP = "echo line >> log\necho written\nexec sleep 600\n"
CALLS: dict[str, Any] = {
    "blocks": [
        {"tool": "read", "input": {"path": "a.txt"}},
        {"tool": "shell", "input": {"command": COMMAND}},
    ]
}


async def killed(place: Desk) -> tuple[int, float]:
    """Kill the run once its command has written; return the command's process, which lives on."""
    (place.workspace / "a.txt").write_text("one\n")
    (place.workspace / "step.sh").write_text(STEP)
    async with asking(place, "--allow", f"Bash({COMMAND})", "Do it.") as running:
        started = await running.until(lambda it: it["type"] == "ProcessStarted")
        said = await running.until(lambda it: it["type"] == "CallProgress" and "written" in it["text"])
        assert started is not None
        assert said is not None
        await asyncio.to_thread(_kept, place)
        await running.kill()
    return started["pid"], started["started"]


def _kept(place: Desk) -> None:
    """Return once what the command printed is kept: that is done beside telling of it, a moment later."""
    while not any(it.read_bytes() == b"written\n" for it in place.state.rglob("output-*")):
        time.sleep(0.01)


@pytest.mark.parametrize("orphaned", [True, False])
async def test_the_line_stands_once_and_the_model_is_told(tmp_path: Path, *, orphaned: bool) -> None:
    async with desk(tmp_path, [CALLS, "I see."], trusts=True) as place:
        pid, began = await killed(place)
        assert process_alive(pid, began), "the command outlives the server"
        if not orphaned:
            os.kill(pid, signal.SIGKILL)
            await gone([(pid, began)])
        try:
            again = await place.ask("--allow", f"Bash({COMMAND})", "--resume", "latest", "")
        finally:
            if orphaned:
                assert process_alive(pid, began), "nobody ended it"
                os.kill(pid, signal.SIGKILL)
        await gone([(pid, began)])
        assert again.status == 0
        assert (place.workspace / "log").read_text() == "line\n"
        assert again.end.reason == "end_turn"
        (finished,) = again.events("CallFinished")
        assert (finished["tool"], finished["outcome"]) == ("shell", "unknown")

        read, shell = results(place)
        assert "one" in read, "what the sibling found is kept"
        assert f"Interrupted while `{COMMAND}` was running." in shell
        assert "it was not run again" in shell
        assert "Output so far:\nwritten\n" in shell, "what it had printed is known"
        assert (f"It is still running (process {pid})." in shell) == orphaned
        assert ("Whether it finished is unknown" in shell) == (not orphaned)
        record = await place.record(again.lines[0]["sessionId"])
        ends = [it.event.outcome for it in record.events if it.event.type == "CallFinished"]
        assert ends == ["completed", "unknown"]


async def test_a_person_reads_what_became_of_it_and_how_to_go_on(tmp_path: Path) -> None:
    async with desk(tmp_path, [CALLS, "I see."], trusts=True) as place:
        pid, began = await killed(place)
        try:
            shown = await run("sessions", "show", "latest", cwd=place.workspace, env=place.environment)
            resumed = await run(
                "ask",
                "--allow",
                f"Bash({COMMAND})",
                "--resume",
                "latest",
                cwd=place.workspace,
                env=place.environment,
            )
            again = await run("sessions", "show", "latest", cwd=place.workspace, env=place.environment)
        finally:
            os.kill(pid, signal.SIGKILL)
        await gone([(pid, began)])
        assert shown.status == resumed.status == 0
        *_, ending, call, output, sibling, how = shown.out.splitlines()
        assert ending.endswith("ended without closing the session.")
        told = f"Interrupted while `{COMMAND}` was running. It is still running (process {pid})."
        assert call.startswith(f"  {COMMAND}: still running. {told} How it ends will not be known")
        assert (output, sibling) == ("    written", "  1 finished call of the same step kept.")
        assert how.startswith("Go on with: postil sessions resume s")
        for said in (resumed.out, again.out):
            assert said.count("    written\n") == 1, "what it had printed is shown, and once"
        assert "Go on with" not in again.out


def results(place: Desk) -> list[str]:
    """Return what the model was told of its calls, as the last request has it."""
    assert place.server.received == 2
    content = place.server.requests[-1].body["messages"][-1]["content"]
    return [str(it["content"]) for it in content if it["type"] == "tool_result"]
