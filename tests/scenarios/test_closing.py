"""Sessions that are closed, or whose journal fails, in the middle of a turn."""

from __future__ import annotations

import asyncio

import pytest

from postil.agent.session import Session
from postil.core.effects import Result, RunContext
from postil.core.ephemeral import SessionHalted
from postil.core.errors import WriteFailed
from postil.core.events import (
    CallFinished,
    PermissionAsked,
    TurnEnded,
)  # fmt: skip
from postil.core.submissions import Answer, Cancel, Close, Prompt, Resume, SetMode
from tests.support.agent_checks import check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Pause, call, says
from tests.support.odd_tools import OddTools, Run

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
EDIT = {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}
SHELL = says(call("shell", "s1", command="make"))


def reasons(world: World) -> list[str]:
    return [it.reason for it in world.events(TurnEnded)]


async def until_asked(world: World) -> tuple[Session, str]:
    """Start a session and return it where it waits for its first permission."""
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(PermissionAsked)
    return session, asked.question.id


async def test_close_while_the_model_speaks_and_while_a_command_runs() -> None:
    reached = asyncio.Event()

    async def hangs(run: Run, context: RunContext) -> Result:
        reached.set()
        await asyncio.Event().wait()
        return await run(context)

    for play, outcomes in ((says(Pause("here")), []), (SHELL, ["cancelled"])):
        world = World([play, says("Done.")], rules=("Bash",), tools=OddTools({"s1": hangs}))
        session = await world.start()
        await session.prompt(Prompt("Go."))
        await (reached.wait() if play is SHELL else world.model.gate("here").reached.wait())
        await session.close(Close())
        assert [it.outcome for it in world.events(CallFinished)] == outcomes
        assert reasons(world) == []
        world.plays = [play, says("Done.")] if play is SHELL else [says("Done.")]
        session = await world.reopen()
        await session.resume(Resume())
        await session.idle()
        assert reasons(world) == ["end_turn"]
        check_ended(world.journal.records, session.state)


async def test_close_waits_no_longer_than_its_grace() -> None:
    go = asyncio.Event()
    begun = asyncio.Event()

    async def stubborn(run: Run, context: RunContext) -> Result:
        begun.set()
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue
        return await run(context)

    world = World([SHELL], rules=("Bash",), tools=OddTools({"s1": stubborn}))
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await begun.wait()
    await session.close(Close(grace=0.0))
    assert not world.events(CallFinished)
    go.set()
    await session.idle()
    session = await world.reopen()
    assert [it.outcome for it in world.events(CallFinished)] == ["unknown"]


async def test_a_cancel_before_close_still_ends_the_turn() -> None:
    world = World([says(Pause("here"))])
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await world.model.gate("here").reached.wait()
    await asyncio.gather(session.cancel(Cancel()), session.close(Close()))
    assert reasons(world) == ["cancelled"]


async def test_a_journal_that_cannot_be_written_halts_before_the_next_effect() -> None:
    world = World([SHELL, says("Done.")])
    session, question_id = await until_asked(world)
    watch = Watch(session)
    world.journal.fail_next = WriteFailed("The disk is full.", "Make room.")
    with pytest.raises(WriteFailed):
        await session.answer(Answer(question_id, "allow_once"))
    await session.idle()  # Nobody can answer what nothing can record.
    assert [it.message for it in watch.all(SessionHalted)] == ["The disk is full."]
    assert session.halted is not None
    for submission in (
        session.prompt(Prompt("x")),
        session.resume(Resume()),
        session.set_mode(SetMode("plan")),
    ):
        with pytest.raises(WriteFailed):
            await submission
    await session.close(Close())
    assert world.shell.commands == []
    session = await world.reopen()
    await session.answer(Answer(question_id, "allow_once"))
    await session.idle()
    assert len(world.shell.commands) == 1
    check_ended(world.journal.records, session.state)
