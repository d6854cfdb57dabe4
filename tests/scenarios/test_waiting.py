"""Prompts while a turn runs: they wait, are taken back, are sent once, or join the turn; and a crash changes nothing of it."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from postil.agent.session import Session
from postil.core.effects import Result, RunContext
from postil.core.errors import ProtocolError
from postil.core.events import (
    CallFinished,
    PromptQueued,
    PromptReceived,
    PromptSteered,
    PromptTakenBack,
    TurnEnded,
)
from postil.core.hooks import HookOutput
from postil.core.messages import AssistantMessage, ToolMessage, UserMessage
from postil.core.prompting import MOST_WAITING
from postil.core.question import PromptContext
from postil.core.submissions import Cancel, Close, Prompt, Resume
from postil.journal.invariants import Structure
from tests.support.agent_checks import check_ended
from tests.support.agent_world import World
from tests.support.fake_model import Pause, call, says
from tests.support.hooking import MemoryHooks, hook, prints
from tests.support.hooking import says as hook_says
from tests.support.memory_journal import MemoryJournal
from tests.support.odd_tools import OddTools, Run

FILES = {"a.py": "x = 1\n"}


class Hold:
    """A call that stands until it is let go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, run: Run, context: RunContext) -> Result:
        self.reached.set()
        await self.go.wait()
        return await run(context)


async def reading(*after: object, **more: object) -> tuple[World, Session, Hold]:
    """Return a session whose model reads a file and is held there."""
    hold = Hold()
    plays = [says(call("read", "r1", path="a.py")), *after]
    world = World(plays, FILES, tools=OddTools({"r1": hold}), **more)  # pyright: ignore[reportArgumentType] - the fields are the tests'
    session = await world.start()
    await session.prompt(Prompt("Read."))
    await hold.reached.wait()
    return world, session, hold


def asked(world: World) -> list[str]:
    return [it.text for it in world.events(PromptReceived)]


def sound(world: World) -> None:
    structure = Structure()
    assert [fault for it in world.journal.records for fault in structure.take(it.event)] == []  # pyright: ignore[reportArgumentType] - no event is unknown


def words(session: Session) -> list[str]:
    """Return who speaks in the conversation, and what a person says."""
    names = {ToolMessage: "results", AssistantMessage: "reply"}
    return [
        it.text if isinstance(it, UserMessage) else names[type(it)]
        for it in session.state.conversation.messages
    ]


async def test_they_are_sent_in_order_when_the_turn_has_ended() -> None:
    world, session, hold = await reading(says("Read."), says("Two."), says("Three."))
    second = await session.prompt(Prompt("Second."))
    third = await session.prompt(Prompt("Third."))
    assert [it.id for it in session.state.workflow.queue] == [second, third]
    assert asked(world) == ["Read."]
    hold.go.set()
    await session.idle()
    assert asked(world) == ["Read.", "Second.", "Third."]
    assert [it.turn_id for it in world.events(TurnEnded)][1:] == [second, third]
    assert session.state.workflow.queue == ()
    check_ended(world.journal.records, session.state)
    sound(world)


async def test_one_that_is_taken_back_is_never_sent() -> None:
    world, session, hold = await reading(says("Read."), says("Third."))
    second = await session.prompt(Prompt("Second."))
    await session.prompt(Prompt("Third."))
    await session.take_back(second, "test")
    with pytest.raises(ProtocolError, match="does not wait"):
        await session.take_back(second, "test")
    hold.go.set()
    await session.idle()
    assert asked(world) == ["Read.", "Third."]
    with pytest.raises(ProtocolError, match="does not wait"):
        await session.send(second)
    sound(world)


async def test_no_more_than_so_many_wait() -> None:
    world, session, _ = await reading()
    for number in range(MOST_WAITING):
        await session.prompt(Prompt(f"{number}"))
    with pytest.raises(ProtocolError, match="wait already"):
        await session.prompt(Prompt("One more."))
    assert len(world.events(PromptQueued)) == MOST_WAITING
    await session.cancel(Cancel())
    await session.idle()


async def test_after_a_stop_they_stay_until_somebody_sends_them() -> None:
    world, session, _ = await reading(says("Second."), says("Third."))
    await session.prompt(Prompt("Second."))
    await session.prompt(Prompt("Third."))
    assert await session.cancel(Cancel())
    await session.idle()
    assert asked(world) == ["Read."]
    assert len(session.state.workflow.queue) == 2
    assert session.resumable
    await session.send()
    await session.idle()
    assert asked(world) == ["Read.", "Second.", "Third."], "and what waits behind it follows"
    check_ended(world.journal.records, session.state)
    sound(world)


async def test_a_new_prompt_after_a_stop_comes_before_what_waits() -> None:
    world, session, _ = await reading(says("Otherwise."), says("Second."))
    await session.prompt(Prompt("Second."))
    await session.cancel(Cancel())
    await session.prompt(Prompt("Otherwise."))
    await session.idle()
    assert asked(world) == ["Read.", "Otherwise.", "Second."]


async def test_steering_joins_the_turn_behind_the_results_of_its_step() -> None:
    world, session, hold = await reading(
        says(call("read", "r2", path="a.py")), says("Done."), says("Second.")
    )
    await session.prompt(Prompt("Second."))
    steers = await session.prompt(Prompt("Only line one.", steers=True))
    assert words(session) == ["Read.", "reply", "results"]
    hold.go.set()
    await session.idle()
    assert [it.outcome for it in world.events(CallFinished)] == ["completed"] * 2, (
        "nothing was stopped for it"
    )
    assert words(session) == [
        "Read.", "reply", "results", "Only line one.", "reply", "results", "reply", "Second.", "reply",
    ]  # fmt: skip
    (steered,) = world.events(PromptSteered)
    assert (steered.step, steered.prompt.turn_id) == (2, steers)
    assert asked(world) == ["Read.", "Second."]
    requests = world.model.requests
    for before, after in pairwise(requests):
        assert (after.system, after.tools) == (before.system, before.tools)
        assert after.messages[: len(before.messages)] == before.messages, "what was sent stays as it was"
    check_ended(world.journal.records, session.state)
    sound(world)


async def test_what_steers_too_late_is_the_next_turn() -> None:
    world = World([says("Half", Pause("here"), " done."), says("Now."), says("Later.")])
    session = await world.start()
    await session.prompt(Prompt("Go."))
    await world.model.gate("here").reached.wait()
    await session.prompt(Prompt("Later."))
    await session.prompt(Prompt("Now.", steers=True))
    world.model.gate("here").go.set()
    await session.idle()
    assert asked(world) == ["Go.", "Now.", "Later."]
    assert world.events(PromptSteered) == []


async def test_one_that_waits_may_steer_after_all() -> None:
    world, session, hold = await reading(says("Done."))
    second = await session.prompt(Prompt("Second."))
    await session.send(second)
    await session.send(second)
    assert [it.steers for it in world.events(PromptQueued)] == [False, True]
    hold.go.set()
    await session.idle()
    assert words(session)[3:] == ["Second.", "reply"]
    assert asked(world) == ["Read."]


async def test_what_is_mentioned_is_looked_for_when_it_is_sent() -> None:
    world, session, hold = await reading(says("Done."), says("Second."))
    given = PromptContext(kind="selection", path="a.py", text="x = 1", first_line=1, last_line=1)
    await session.prompt(Prompt("Look at @a.py.", (given,)))
    (waiting,) = session.state.workflow.queue
    assert waiting.prompt.context == (given,)
    hold.go.set()
    await session.idle()
    sent = world.events(PromptReceived)[-1]
    assert len(sent.context) == 2, "looked for once it is sent, and not before"
    assert world.events(PromptQueued)[0].prompt.context == (given,)


async def test_hooks_see_what_steers_before_it_joins() -> None:
    def answer(given: dict[str, object]) -> HookOutput:
        if given["prompt"] == "Push it.":
            return prints(status=2, stderr="no pushing")
        return hook_says("UserPromptSubmit", additionalContext="Mind the tabs.")

    hooks = MemoryHooks({"look": answer})
    world, session, hold = await reading(says("Done."), hooks=(hook("UserPromptSubmit"),), hook_runner=hooks)
    await session.prompt(Prompt("Push it.", steers=True))
    await session.prompt(Prompt("In tabs.", steers=True))
    hold.go.set()
    await session.idle()
    assert [given["prompt"] for _, given in hooks.runs] == ["Read.", "Push it.", "In tabs."]
    (back,) = world.events(PromptTakenBack)
    assert "no pushing" in back.why
    assert [it.prompt.text for it in world.events(PromptSteered)] == ["In tabs."]
    joined = session.state.conversation.messages[3]
    assert isinstance(joined, UserMessage)
    assert "Mind the tabs." in joined.text
    assert joined.text[: joined.words] == "In tabs."
    check_ended(world.journal.records, session.state)


async def test_what_waits_outlives_its_process_and_follows_the_turn_that_is_resumed() -> None:
    world, session, _ = await reading(says("Done."), says("Second."))
    await session.prompt(Prompt("Second."))
    await session.prompt(Prompt("Only line one.", steers=True))
    await session.close(Close("moved"))
    world.tools = OddTools({})
    session = await world.reopen()
    assert [it.prompt.text for it in session.state.workflow.queue] == ["Second.", "Only line one."]
    await session.resume(Resume())
    await session.idle()
    assert asked(world) == ["Read.", "Second."]
    assert len(world.events(PromptSteered)) == 1
    check_ended(world.journal.records, session.state)
    sound(world)


async def test_a_session_that_is_opened_where_nothing_is_open_sends_nothing_by_itself() -> None:
    world, session, _ = await reading(says("Again."), says("Second."))
    await session.prompt(Prompt("Second."))
    await session.cancel(Cancel())
    await session.idle()
    await session.close(Close("moved"))
    session = await world.reopen()
    await session.idle()
    assert asked(world) == ["Read."]
    session.hold()
    await session.prompt(Prompt("From the terminal."))
    await session.idle()
    assert asked(world) == ["Read.", "From the terminal."]
    assert len(session.state.workflow.queue) == 1
    await session.resume(Resume())
    await session.idle()
    assert asked(world)[2:] == ["Second."]


async def test_at_no_crash_is_a_prompt_lost_or_sent_twice() -> None:
    world, session, hold = await reading(says("Done."), says("Second."))
    await session.prompt(Prompt("Second."))
    await session.prompt(Prompt("Only line one.", steers=True))
    hold.go.set()
    await session.idle()
    whole = list(world.journal.records)
    first = next(it.seq for it in whole if isinstance(it.event, PromptQueued) and it.event.steers)
    for cut in range(first, len(whole) + 1):
        other = world.copy()
        other.tools = OddTools({})
        other.journal = MemoryJournal(whole[:cut])
        later = await other.reopen()
        while later.resumable:
            await later.resume(Resume())
            await later.idle()
        assert asked(other) == ["Read.", "Second."], cut
        joined = [it.prompt.text for it in other.events(PromptSteered)]
        assert joined == ["Only line one."], cut
        said = words(later)
        assert (said.count("Only line one."), said.count("Second.")) == (1, 1), cut
        sound(other)
