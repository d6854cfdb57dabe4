"""A session in acpx that is stopped in mid-answer, and sessions that go on after the client and the agent's process have ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest

from postil.core.events import ModelBrokeOff, PromptReceived, SessionClosed, SessionResumed, TurnEnded
from tests.editors.acp.acpx import Ran, acpx, running, session_of
from tests.editors.acp.desk import AcpDesk
from tests.editors.waiting import is_running, wait_for

pytestmark = pytest.mark.usefixtures("client")

COUNTS = {"text": "One two three four five six seven.", "chunk": 4, "stall": 3}
HEARD = "One two thre"
EDIT = {"tool": "edit", "input": {"path": "app.py", "edits": [{"old": "a - b", "new": "a + b"}]}}
NAMED = ("-s", "work")


async def leaves(desk: AcpDesk) -> None:
    """End the process in which acpx keeps the session; return when its agent has let go of it, and none takes a prompt for it any more."""
    status = await acpx(desk, "status", *NAMED)
    process_id = json.loads(status.out)["pid"]
    os.kill(process_id, signal.SIGTERM)
    session_id = session_of(desk)
    before = len(desk.events(session_id, SessionResumed))
    await asyncio.to_thread(
        wait_for,
        lambda: len(desk.events(session_id, SessionClosed)) > before,
        lambda: "the agent did not end",
    )
    await asyncio.to_thread(wait_for, lambda: not is_running(process_id), lambda: "acpx did not end")


async def test_what_is_cancelled_in_mid_answer_is_stopped(desk: AcpDesk) -> None:
    """By the command for it; and the session goes on."""
    await desk.play(COUNTS, "Two.")
    assert (await acpx(desk, "sessions", "new", "--name", "work")).status == 0
    try:
        async with running(desk, "prompt", *NAMED, "Count.") as run:
            await run.until(lambda it: it.says == HEARD)
            assert json.loads((await acpx(desk, "cancel", *NAMED)).out)["cancelled"] is True
            ran = await run.ended()
        assert ran.messages[-1]["result"]["stopReason"] == "cancelled"
        check_stopped(desk, ran)
        assert (await acpx(desk, "prompt", *NAMED, "And on.")).says == "Two."
    finally:
        await acpx(desk, "sessions", "close", "work")


async def test_what_is_interrupted_in_mid_answer_is_stopped(desk: AcpDesk) -> None:
    """By Ctrl+C, which cancels before it lets the agent go."""
    await desk.play(COUNTS)
    async with running(desk, "exec", "Count.") as run:
        await run.until(lambda it: it.says == HEARD)
        run.interrupt()
        check_stopped(desk, await run.ended())
    assert [it.reason for it in desk.events(session_of(desk), SessionClosed)] == ["the client left"]


def check_stopped(desk: AcpDesk, ran: Ran) -> None:
    assert ran.says.startswith(HEARD)
    assert "four" not in ran.says
    (end,) = desk.events(session_of(desk), TurnEnded)
    assert (end.reason, end.message) == ("cancelled", "Stopped in the editor.")
    assert len(desk.events(session_of(desk), ModelBrokeOff)) == 1, "what it has cost is known"


async def test_a_named_session_goes_on_in_another_process(desk: AcpDesk) -> None:
    await desk.play("One.", EDIT, "Two.")
    assert (await acpx(desk, "sessions", "new", "--name", "work")).status == 0
    try:
        assert (await acpx(desk, "prompt", *NAMED, "First.")).says == "One."
        assert (await acpx(desk, "set-mode", *NAMED, "accept-edits")).status == 0
        await leaves(desk)
        second = await acpx(desk, "--approve-all", "prompt", *NAMED, "Second.")
    finally:
        await acpx(desk, "sessions", "close", "work")
    asked = [it["method"] for it in second.messages if "method" in it and "id" in it]
    assert "session/resume" in asked
    assert "session/new" not in asked
    assert second.says.endswith("Two."), second.err
    assert "One." not in second.says, "what was said is not told again"
    assert (desk.root / "app.py").read_text() == "def add(a, b):\n    return a + b\n", (
        "the mode is the session's"
    )
    session_id = session_of(desk)
    assert [it.text for it in desk.events(session_id, PromptReceived)] == ["First.", "Second."]
    assert [(it.face, it.clean) for it in desk.events(session_id, SessionResumed)] == [("acp", True)]
    assert "One." in desk.asked()[1], "the model has the conversation"


async def test_a_session_of_another_client_goes_on_in_it(desk: AcpDesk) -> None:
    """Begun by the SDK's client, killed before an answer; then resumed by its id, and the question is asked again."""
    await desk.play(EDIT, "Fixed.")
    session_id = await desk.killed_at_a_question("Mend it.")
    begun = await acpx(desk, "sessions", "new", "--name", "work", "--resume-session", session_id)
    assert begun.status == 0, begun.err
    try:
        ran = await acpx(desk, "--approve-all", "prompt", *NAMED, "/resume")
    finally:
        await acpx(desk, "sessions", "close", "work")
    assert ran.says.endswith("Fixed."), ran.err
    assert (desk.root / "app.py").read_text().endswith("a + b\n")
    assert [it.reason for it in desk.events(session_of(desk), TurnEnded)] == ["end_turn"]
    assert len(desk.asked()) == 2, "the first reply was not asked for again"
