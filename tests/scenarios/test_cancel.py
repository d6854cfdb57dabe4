"""Cancel in every phase: the turn ends once, as cancelled; every call ends once; the conversation is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from postil.agent.session import Session
from postil.core.effects import Command, Result, RunContext
from postil.core.ephemeral import TextDelta
from postil.core.events import (
    CallFinished,
    CallStarted,
    FileChanged,
    PermissionAsked,
    PromptReceived,
    QuestionAsked,
    TurnEnded,
)  # fmt: skip
from postil.core.messages import ToolMessage
from postil.core.ports import ShellResult
from postil.core.submissions import Answer, Cancel, Prompt
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Pause, call, says
from tests.support.odd_tools import OddTools, Run

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
EDIT = {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}
Reach = Callable[[World, Session, Watch], Awaitable[None]]


class Hold:
    """A twist that stops a call in the middle until it is let go, before or after it did its work."""

    def __init__(self, *, after: bool = False) -> None:
        self.reached = asyncio.Event()
        self.go = asyncio.Event()
        self._after = after

    async def __call__(self, run: Run, context: RunContext) -> Result:
        result = await run(context) if self._after else None
        self.reached.set()
        await self.go.wait()
        return result or await run(context)


async def cancelled(world: World, session: Session, outcomes: dict[str, str]) -> None:
    """Cancel, and hold what must be true afterwards."""
    assert await session.cancel(Cancel())
    await session.idle()
    assert [it.reason for it in world.events(TurnEnded)] == ["cancelled"]
    assert {it.call_id: it.outcome for it in world.events(CallFinished)} == outcomes
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)
    assert not await session.cancel(Cancel())


@pytest.mark.parametrize("play", [says(Pause("here"), "Never."), says("Half a", Pause("here"), "Never.")])
async def test_while_the_model_thinks_or_speaks(play: object) -> None:
    world = World([play])  # pyright: ignore[reportArgumentType] - parametrize loses the type
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    await world.model.gate("here").reached.wait()
    await cancelled(world, session, {})
    assert world.model.closed_streams == 1
    assert len(watch.all(TextDelta)) <= 1
    assert len(session.state.conversation.messages) == 1


async def test_while_a_permission_is_asked() -> None:
    calls = call("read", "r1", path="a.py"), call("edit", "e1", **EDIT), call("shell", "s1", command="make")
    world = World([says(*calls)], FILES)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    asked = await watch.event(PermissionAsked)
    await cancelled(world, session, {"r1": "completed", "e1": "not_run", "s1": "not_run"})
    with pytest.raises(Exception, match="not open"):
        await session.answer(Answer(asked.question.id, "allow_once"))
    last = session.state.conversation.messages[-1]
    assert isinstance(last, ToolMessage)
    assert [it.call_id for it in last.ordered] == ["r1", "e1", "s1"]


async def test_while_the_model_waits_for_the_persons_answer() -> None:
    world = World([says(call("ask_user", "q1", question="Which?"))])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    await watch.event(QuestionAsked)
    await cancelled(world, session, {"q1": "not_run"})


async def test_while_readers_run() -> None:
    hold = Hold()
    calls = [call("read", f"r{number}", path=path) for number, path in enumerate(FILES)]
    world = World([says(*calls)], FILES, tools=OddTools({"r0": hold}))
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Go."))
    await hold.reached.wait()
    await watch.event(CallFinished, lambda it: it.call_id == "r1")
    await cancelled(world, session, {"r0": "cancelled", "r1": "completed"})


async def test_an_edit_that_was_begun_is_let_finish() -> None:
    hold = Hold()
    world = World(
        [says(call("edit", "e1", **EDIT))], FILES, mode="accept-edits", tools=OddTools({"e1": hold})
    )
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await hold.reached.wait()
    for _ in range(3):
        assert await session.cancel(Cancel())
        await asyncio.sleep(0)
    hold.go.set()
    await session.idle()
    assert [it.outcome for it in world.events(CallFinished)] == ["completed"]
    assert len(world.events(FileChanged)) == 1
    assert [it.reason for it in world.events(TurnEnded)] == ["cancelled"]
    assert world.workspace.text("a.py") == "x = 2\n"
    check_ended(world.journal.records, session.state)


@pytest.mark.parametrize("after", [False, True])
async def test_an_edit_that_does_not_finish_is_settled_by_looking(
    after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postil.agent.calls.call_runner.EDIT_GRACE", 0.0)
    hold = Hold(after=after)
    world = World(
        [says(call("edit", "e1", **EDIT))], FILES, mode="accept-edits", tools=OddTools({"e1": hold})
    )
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await hold.reached.wait()
    await cancelled(world, session, {"e1": "completed" if after else "failed"})
    assert len(world.events(FileChanged)) == after


async def test_a_running_command_is_ended_and_its_output_kept() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def runs(command: Command) -> ShellResult:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    world = World(
        [says(call("shell", "s1", command="make"), call("read", "r1", path="a.py"))], FILES, rules=("Bash",)
    )
    world.shell.answers["make"] = runs
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await begun.wait()
    await cancelled(world, session, {"s1": "cancelled", "r1": "not_run"})
    assert [it.command for it in world.events(CallStarted)] == ["make"]
    assert ended.is_set()


async def test_output_so_far_is_told() -> None:
    async def shows(run: Run, context: RunContext) -> Result:
        context.progress("half of ")
        context.progress("it")
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    reached = asyncio.Event()
    plays = [says(call("shell", "s1", command="make"))]
    world = World(plays, rules=("Bash",), tools=OddTools({"s1": shows}))
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await reached.wait()
    await cancelled(world, session, {"s1": "cancelled"})
    [finished] = world.events(CallFinished)
    assert finished.content == "Stopped before it ended. Output so far:\nhalf of it"


async def test_what_is_asked_while_a_turn_stops_is_a_turn_and_what_waits_stays() -> None:
    hold = Hold()
    plays = [says(call("edit", "e1", **EDIT)), says("Fourth."), says("Second.")]
    world = World(plays, FILES, mode="accept-edits", tools=OddTools({"e1": hold}))
    session = await world.start()
    await session.prompt(Prompt("First."))
    await hold.reached.wait()
    await session.prompt(Prompt("Second."))
    assert await session.cancel(Cancel())
    await session.prompt(Prompt("Third."))
    assert await session.cancel(Cancel()) is True
    await session.prompt(Prompt("Fourth."))
    assert [it.prompt.text for it in session.state.workflow.queue] == ["Second."]
    hold.go.set()
    await session.idle()
    assert [it.text for it in world.events(PromptReceived)] == ["First.", "Third.", "Fourth.", "Second."]
    assert [it.reason for it in world.events(TurnEnded)] == ["cancelled", "cancelled", "end_turn", "end_turn"]
    check_ended(world.journal.records, session.state)


async def test_a_submission_is_carried_through_when_its_sender_goes_away() -> None:
    world = World([says("Done.")])
    session = await world.start()
    watch = Watch(session)
    sender = asyncio.ensure_future(session.prompt(Prompt("Go.")))
    await watch.event(PromptReceived)
    sender.cancel()
    await asyncio.wait({sender})
    assert sender.cancelled()
    await session.idle()
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]


async def test_cancel_where_nothing_runs() -> None:
    world = World([says("Done.")])
    session = await world.start()
    assert not await session.cancel(Cancel())
    await session.prompt(Prompt("Go."))
    await session.idle()
    assert not await session.cancel(Cancel())
    assert [it.reason for it in world.events(TurnEnded)] == ["end_turn"]
