"""Commands in the background: decided about as any command, on record, ended with their session, and never started again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from postil.agent.background.jobs import MOST
from postil.agent.session import Session
from postil.core.effects import Command
from postil.core.errors import CommandFailed
from postil.core.events import CallFinished, JobEnded, JobStarted, PermissionAsked, UnknownEvent
from postil.core.fold import fold
from postil.core.messages import ToolCall
from postil.core.ports import ShellResult
from postil.core.submissions import Close, Prompt
from postil.journal.invariants import Structure
from postil.workspace.commands.local_shell import LocalShell
from postil.workspace.commands.processes import process_alive, start_time
from postil.workspace.local import LocalWorkspace
from tests.support.agent_checks import check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Play, call, says
from tests.support.memory_shell import ended
from tests.unit.tools.calling import desk, registry

FOREVER = "echo ready; sleep 1000"


def job(command: str, call_id: str = "s1") -> Play:
    return says(call("shell", call_id, command=command, background=True))


async def turn(here: World, session: Session, *plays: Play) -> list[CallFinished]:
    """Run a turn of these replies; returns how its calls ended."""
    before = len(here.events(CallFinished))
    here.plays = here.model.plays = [*here.plays, *plays, says("Done.")]
    await session.prompt(Prompt("Go."))
    await session.idle()
    return here.events(CallFinished)[before:]


def check_record(here: World, session: Session) -> None:
    structure = Structure()
    events = [it.event for it in here.journal.records if not isinstance(it.event, UnknownEvent)]
    assert [fault for event in events for fault in structure.take(event)] == []
    assert fold(here.journal.records) == session.state


@pytest.fixture
async def real(tmp_path: Path) -> AsyncGenerator[World]:
    """A world whose commands are real processes."""
    workspace, shell = LocalWorkspace((tmp_path,)), LocalShell()
    yield World([], rules=("Bash(*)",), real=(workspace, shell), interactive=False)
    shell.close()
    workspace.close()


async def test_a_job_runs_while_the_session_goes_on_and_is_read_and_stopped(real: World) -> None:
    session = await real.start()
    (begun,) = await turn(real, session, job(FOREVER))
    (started,) = real.events(JobStarted)
    assert begun.outcome == "completed"
    assert begun.content.startswith(f"It runs in the background as job {started.job_id}.")
    assert process_alive(started.pid, started.started)
    check_ended(real.journal.records, session.state)
    while "ready" not in await real.journal.kept_output("job", started.job_id):  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    listed, read, stopped, again = await turn(
        real, session,
        says(call("background", "b1", action="list")),
        says(call("background", "b2", action="read", job=started.job_id)),
        says(call("background", "b3", action="stop", job=started.job_id)),
        says(call("background", "b4", action="stop", job=started.job_id)),
    )  # fmt: skip
    assert listed.content == f"{started.job_id}: running: {FOREVER}"
    assert read.content == f"ready\n{started.job_id}: running: {FOREVER}"
    assert read.sources, "what a command prints is material"
    assert stopped.content == again.content == f"{started.job_id}: stopped: {FOREVER}"
    assert not process_alive(started.pid, started.started)
    assert [it.how for it in real.events(JobEnded)] == ["stopped"]
    check_record(real, session)
    await session.close(Close())


async def test_a_job_that_ends_by_itself_is_waited_for_and_its_output_bounded(real: World) -> None:
    session = await real.start()
    secret = "ghp_" + "a1B2" * 9
    await turn(real, session, job(f"seq 1 100000; echo {secret}; exit 3"))
    (started,) = real.events(JobStarted)
    (read,) = await turn(
        real, session, says(call("background", "b1", action="read", job=started.job_id, wait=60))
    )
    assert "ended, exit code 3" in read.content
    assert "100000\n" in read.content
    assert "a1B2a1" not in read.content
    assert len(read.content) < 9_000
    (end,) = real.events(JobEnded)
    assert (end.how, end.exit_code) == ("ended", 3)
    suffix = str(real.model.requests[-1].suffix)
    assert f"{started.job_id}, ended, exit code 3" in suffix
    await session.close(Close())
    check_record(real, session)


async def test_closing_the_session_ends_its_jobs(real: World) -> None:
    session = await real.start()
    await turn(real, session, job(FOREVER), job("sleep 1000 | cat", "s2"))
    first, second = real.events(JobStarted)
    await session.close(Close())
    assert [it.how for it in real.events(JobEnded)] == ["closed", "closed"]
    assert not process_alive(first.pid, first.started)
    assert not process_alive(second.pid, second.started)
    assert real.names()[-1] == "SessionClosed"
    check_record(real, session)


async def test_after_a_crash_the_outcome_of_what_has_ended_is_unknown_and_nothing_is_started_again() -> None:
    here, started = await crashed()
    session = await here.reopen()
    (end,) = here.events(JobEnded)
    assert (end.how, end.note) == ("unknown", "It runs no more, and nobody saw how it ended.")
    (read,) = await turn(here, session, says(call("background", "b1", action="read", job=started.job_id)))
    assert read.content.startswith(f"listening\n{started.job_id}: outcome unknown")
    assert [it.line for it in here.shell.commands] == ["serve"]
    assert len(here.events(JobStarted)) == 1
    session = await here.reopen()
    assert len(here.events(JobEnded)) == 1, "it ends once"
    check_record(here, session)


async def test_after_a_crash_what_still_runs_is_told_of_and_can_be_stopped() -> None:
    here, started = await crashed(alive=True)
    await here.reopen()
    session = await here.reopen()
    assert here.events(JobEnded) == []
    listed, stopped, again = await turn(
        here, session,
        says(call("background", "b1", action="list")),
        says(call("background", "b2", action="stop", job=started.job_id)),
        says(call("background", "b3", action="read", job=started.job_id, wait=300)),
    )  # fmt: skip
    left = "running, left by a Postil that died; what it prints since then is not kept"
    assert listed.content == f"{started.job_id}: {left}: serve"
    assert stopped.content == f"{started.job_id}: stopped: serve"
    assert again.content == f"listening\n{started.job_id}: stopped: serve"
    assert here.shell.alive == set()
    assert [it.how for it in here.events(JobEnded)] == ["stopped"]
    check_record(here, session)
    session = await here.reopen()
    check_record(here, session)


async def test_what_was_left_and_does_not_end_is_not_called_stopped() -> None:
    here, started = await crashed(alive=True)
    here.shell.stubborn.add(started.pid)
    session = await here.reopen()
    (stopped,) = await turn(here, session, says(call("background", "b1", action="stop", job=started.job_id)))
    assert stopped.outcome == "failed"
    assert stopped.content.startswith(f"Process {started.pid} of the job did not end.")
    assert here.events(JobEnded) == []
    check_record(here, session)


async def test_what_was_left_ends_with_its_session() -> None:
    here, started = await crashed(alive=True)
    session = await here.reopen()
    await session.close(Close())
    assert [it.how for it in here.events(JobEnded)] == ["closed"]
    assert started.pid not in here.shell.alive
    check_record(here, session)


async def test_what_was_left_and_ends_by_itself_is_told_when_it_is_looked_at() -> None:
    here, started = await crashed(alive=True)
    session = await here.reopen()
    here.shell.alive.clear()
    (stopped,) = await turn(here, session, says(call("background", "b1", action="stop", job=started.job_id)))
    assert stopped.content == (
        f"{started.job_id}: outcome unknown. It runs no more, and nobody saw how it ended: serve"
    )
    check_record(here, session)


@pytest.mark.parametrize("now", ["another run of it", ""])
async def test_a_process_of_the_same_id_after_a_restart_of_the_machine_is_not_the_job(now: str) -> None:
    here, started = await crashed(alive=True)
    here.shell.machine_now = now
    session = await here.reopen()
    (end,) = here.events(JobEnded)
    assert end.how == "unknown"
    (stopped,) = await turn(here, session, says(call("background", "b1", action="stop", job=started.job_id)))
    assert "outcome unknown" in stopped.content
    assert here.shell.alive == {started.pid}, "nobody ended it"


async def test_a_real_one_is_stopped_with_all_that_it_has_started(real: World, tmp_path: Path) -> None:
    session = await real.start()
    (tmp_path / "serve.sh").write_text("trap '' TERM\nsleep 1000 &\necho $! > inner\nwait; wait\n")
    await turn(real, session, job("sh serve.sh"))
    (started,) = real.events(JobStarted)
    while not (inner := tmp_path / "inner").is_file() or not inner.read_text().strip():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    pid = int(inner.read_text())
    since = start_time(pid)
    session = await real.reopen()
    (stopped,) = await turn(real, session, says(call("background", "b1", action="stop", job=started.job_id)))
    assert stopped.content == f"{started.job_id}: stopped: sh serve.sh"
    assert not process_alive(started.pid, started.started)
    assert not process_alive(pid, since)
    await session.close(Close())
    check_record(real, session)


@pytest.mark.parametrize("mode", ["default", "plan", "deny-all"])
async def test_nobody_is_bypassed_by_the_background(mode: str) -> None:
    here = World([], interactive=False, mode=mode)
    session = await here.start()
    (finished,) = await turn(here, session, job("rm -rf build"))
    assert finished.outcome == "denied"
    assert (here.events(JobStarted), here.shell.commands) == ([], [])


async def test_a_yes_to_a_command_is_none_to_one_that_runs_on() -> None:
    it = desk()
    plain, background = [
        await registry.prepare(ToolCall(id="c", name="shell", input={"command": "make", **more}), it.ports)
        for more in ({}, {"background": True})
    ]
    assert plain.fingerprint != background.fingerprint
    assert background.title == "Run in the background: make"
    (runs,) = [fact.text for fact in background.preview.facts if fact.name == "runs"]
    assert "in the background until it is stopped" in runs
    asked = World([], {"a": ""})
    session = await asked.start()
    asked.model.plays = [job("make"), says("Done.")]
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    question = await watch.event(PermissionAsked)
    assert "in the background" in str(question.question.facts)
    await session.close(Close())


async def test_only_so_many_run_and_one_that_cannot_be_started_is_none() -> None:
    here = World([], rules=("Bash(*)",), interactive=False)
    served = {f"serve {n}": _never for n in range(MOST + 1)}
    here.shell.answers.update(served)
    here.shell.answers["nothing"] = CommandFailed("bash could not be started.")
    session = await here.start()
    (failed,) = await turn(here, session, job("nothing"))
    assert (failed.outcome, failed.content) == ("failed", "bash could not be started.")
    assert here.events(JobStarted) == []
    found = await turn(here, session, *(job(it, f"s{n}") for n, it in enumerate(served)))
    assert [it.outcome for it in found] == ["completed"] * MOST + ["failed"]
    assert found[-1].content == f"{MOST} jobs run already. Stop one, or wait for its end."
    await session.close(Close())
    check_record(here, session)


async def test_what_is_no_job_and_what_makes_no_sense_is_told() -> None:
    here = World([], rules=("Bash(*)",), interactive=False)
    here.shell.answers["quick"] = ended("ok\n")
    session = await here.start()
    missing, both, late, empty = await turn(
        here, session,
        says(call("background", "b1", action="read", job="j9")),
        says(call("background", "b2", action="list", job="j9")),
        says(call("background", "b3", action="stop", job="j9", wait=1)),
        says(call("background", "b4", action="list")),
    )  # fmt: skip
    assert missing.content == "There is no job j9. List the jobs for those that there are."
    assert both.content.startswith("`read` and `stop` take a `job`")
    assert late.content == "Only `read` takes `wait`."
    assert empty.content == "There are no jobs."
    assert here.events(PermissionAsked) == []


async def crashed(*, alive: bool = False) -> tuple[World, JobStarted]:
    """Return a world in which a job was started, has printed something, and whose Postil is about to be another one."""
    here = World([], rules=("Bash(*)",), interactive=False)
    here.shell.answers["serve"] = _never
    session = await here.start()
    await turn(here, session, job("serve"))
    (started,) = here.events(JobStarted)
    here.journal.keep_output("job", started.job_id, "listening\n")
    if alive:
        here.shell.alive.add(started.pid)
    return here, started


async def _never(_: Command) -> ShellResult:
    await asyncio.Event().wait()
    raise AssertionError
