"""Whole turns from prompt to end, with nothing in their way."""

import asyncio
from pathlib import Path

import pytest

from postil.agent.budgets.limits import REPEATS_FATAL
from postil.core.ephemeral import ModelRetrying, StageChanged, TextDelta, ThinkingDelta
from postil.core.errors import ModelError
from postil.core.events import (
    CallFinished,
    FileChanged,
    Limits,
    ModelFailed,
    ModelReplied,
    PermissionAsked,
    TodoUpdated,
    TurnEnded,
)  # fmt: skip
from postil.core.messages import AssistantMessage, ToolMessage, UserMessage
from postil.core.origin import mark
from postil.core.ports import FileView, Retrying, ThinkingPiece
from postil.core.question import PromptContext
from postil.core.submissions import Answer, Prompt, Resume
from tests.support.agent_checks import check_answers, check_ended
from tests.support.agent_world import Watch, World
from tests.support.fake_model import Pause, Play, call, says
from tests.support.memory_shell import ended

FILES = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
EDIT = {"path": "a.py", "edits": [{"old": "1", "new": "2"}]}


async def test_a_turn_reads_edits_runs_and_ends() -> None:
    world = World(
        [
            says("Looking.", call("read", "r1", path="a.py"), call("read", "r2", path="b.py")),
            says(call("edit", "e1", **EDIT)),
            says(call("shell", "s1", command="pytest -q")),
            says("Done."),
        ],
        FILES,
    )
    world.shell.answers["pytest -q"] = ended("1 passed\n")
    session = await world.start()
    watch = Watch(session)
    turn_id = await session.prompt(Prompt("Mend it.", face="test"))
    for call_id in ("e1", "s1"):
        asked = await watch.event(PermissionAsked, lambda it, call_id=call_id: it.call_id == call_id)
        await session.answer(Answer(asked.question.id, "allow_once", face="test"))
    await session.idle()
    assert world.workspace.text("a.py") == "x = 2\n"
    assert [it.line for it in world.shell.commands] == ["pytest -q"]
    assert [it.outcome for it in world.events(CallFinished)] == ["completed"] * 4
    [changed] = world.events(FileChanged)
    assert (changed.added, changed.removed, changed.call_id) == (1, 1, "e1")
    [end] = world.events(TurnEnded)
    assert (end.turn_id, end.reason, end.steps) == (turn_id, "end_turn", 4)
    assert end.usage.input == 400
    assert session.state.workflow.cost == 0.04
    check_ended(world.journal.records, session.state)
    check_answers(world.journal.records)
    published = [it.seq for it in watch.seen if it.seq is not None]
    assert published == list(range(published[0], session.state.seq + 1)), "each once and in order"


async def test_what_is_attached_to_a_prompt_is_read_by_the_model() -> None:
    world = World([says("I see.")])
    session = await world.start()
    context = PromptContext(kind="selection", path="a.py", text="x = 1", first_line=1, last_line=1)
    await session.prompt(Prompt("Why?", (context,)))
    await session.idle()
    [message] = world.model.requests[0].messages
    assert isinstance(message, UserMessage)
    number = mark("x = 1", session.state.workflow.marks[0].turn_id)
    assert message.text == f'Why?\n\n<selection {number} path="a.py:1-1">\nx = 1\n</selection {number}>'


async def test_pieces_are_shown_as_they_come() -> None:
    retrying = Retrying(attempt=1, of=4, seconds=0.5, message="overloaded")
    world = World([says(retrying, ThinkingPiece("Hm."), "One ", "two.")])
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Count."))
    await session.idle()
    assert [it.text for it in watch.all(TextDelta)] == ["One ", "two."]
    assert [it.text for it in watch.all(ThinkingDelta)] == ["Hm."]
    assert [it.seconds for it in watch.all(ModelRetrying)] == [0.5]
    assert [it.stage for it in watch.all(StageChanged)] == ["thinking", "writing"]
    assert all(it.after == 6 for it in watch.seen if isinstance(it.event, TextDelta))


async def test_readers_run_together_and_results_stay_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(
        [says(*(call("read", f"r{number}", path=name) for number, name in enumerate("ab"))), says("Ok.")],
        {"a": "A", "b": "B"},
    )
    both, read = asyncio.Barrier(2), world.workspace.read

    async def together(path: Path) -> FileView:
        await both.wait()
        return await read(path)

    monkeypatch.setattr(world.workspace, "read", together)
    session = await world.start()
    await session.prompt(Prompt("Read."))
    await session.idle()
    names = world.names()
    assert names.index("CallFinished") > [i for i, name in enumerate(names) if name == "CallStarted"][1]
    last = world.model.requests[-1].messages[-1]
    assert isinstance(last, ToolMessage)
    assert [it.call_id for it in last.ordered] == ["r0", "r1"]
    assert all(want in it.content for want, it in zip("AB", last.ordered, strict=True))


async def test_a_failing_call_is_a_result_and_its_siblings_run() -> None:
    calls = call("read", "r1", path="none"), call("nonsense", "n1"), call("read", "r2", path="a")
    world = World([says(*calls), says("Ok.")], {"a": "A"})
    session = await world.start()
    await session.prompt(Prompt("Read."))
    await session.idle()
    assert {it.call_id: it.outcome for it in world.events(CallFinished)} == {
        "r1": "failed", "n1": "failed", "r2": "completed",
    }  # fmt: skip
    check_ended(world.journal.records, session.state)


async def test_the_plan_is_an_event_and_shown_to_the_model() -> None:
    items = [{"text": "Mend it", "status": "in_progress"}]
    world = World([says(call("todo", items=items)), says("Ok.")])
    session = await world.start()
    await session.prompt(Prompt("Plan."))
    await session.idle()
    assert [it.items[0].text for it in world.events(TodoUpdated)] == ["Mend it"]
    assert world.model.requests[1].suffix == "<now>\nPlan:\n- [in_progress] Mend it\n</now>"
    assert world.model.requests[0].system == world.model.requests[1].system


async def test_the_same_call_again_and_again_is_refused_and_then_ends_the_turn() -> None:
    world = World([says(call("read", f"r{number}", path="a.py")) for number in range(9)], FILES)
    session = await world.start()
    await session.prompt(Prompt("Loop."))
    await session.idle()
    outcomes = [it.outcome for it in world.events(CallFinished)]
    assert outcomes == ["completed", "completed", "failed", "failed", "failed"]
    [end] = world.events(TurnEnded)
    assert (end.reason, end.steps) == ("failed", REPEATS_FATAL)
    check_ended(world.journal.records, session.state)


async def test_the_limit_of_steps_ends_the_turn() -> None:
    world = World(
        [says(call("read", path="a.py", offset=n)) for n in range(1, 9)], FILES, limits=Limits(steps=3)
    )
    session = await world.start()
    await session.prompt(Prompt("On and on."))
    await session.idle()
    [end] = world.events(TurnEnded)
    assert (end.reason, end.steps, len(world.model.requests)) == ("max_turn_requests", 3, 3)
    assert end.mend
    check_ended(world.journal.records, session.state)


async def test_the_limit_of_time_does_not_count_waiting_for_a_person() -> None:
    question = call("ask_user", "q1", question="Which?")
    world = World([says(question), says(Pause("late"), call("read", path="a.py")), says("x")], FILES)
    world.limits = Limits(seconds=10)
    session = await world.start()
    watch = Watch(session)
    await session.prompt(Prompt("Ask."))
    await watch.event(StageChanged, lambda it: it.stage == "waiting")
    world.clock.seconds += 1_000
    [asked] = session.state.workflow.questions
    await session.answer(Answer(asked, "", "That one."))
    gate = world.model.gate("late")
    await gate.reached.wait()
    world.clock.seconds += 11
    gate.go.set()
    await session.idle()
    [end] = world.events(TurnEnded)
    assert (end.reason, end.steps) == ("budget_exhausted", 2)


@pytest.mark.parametrize("retryable", [True, False])
async def test_a_model_that_fails_ends_the_turn_and_resume_goes_on(*, retryable: bool) -> None:
    world = World([says(call("read", path="a.py")), says("Done.")], FILES)
    world.model.failures[1] = [
        ModelError("overloaded", "The service is overloaded.", "Try later.", attempts=4, retryable=retryable)
    ]
    session = await world.start()
    await session.prompt(Prompt("Read."))
    await session.idle()
    [failed] = world.events(ModelFailed)
    assert (failed.kind, failed.attempts, failed.step) == ("overloaded", 4, 2)
    [end] = world.events(TurnEnded)
    assert (end.reason, end.message) == ("failed", "The service is overloaded.")
    how = " Resuming the session goes on from here." if retryable else ""
    assert end.mend == f"Try later.{how}"
    check_ended(world.journal.records, session.state)
    await session.resume(Resume())
    await session.idle()
    assert [it.reason for it in world.events(TurnEnded)] == ["failed", "end_turn"]
    check_ended(world.journal.records, session.state)


async def test_a_reply_that_breaks_off_or_repeats_an_id_is_a_failure() -> None:
    twice = says(call("read", "r", path="a.py"), call("read", "r", path="b.py"))
    for play, kind in ((Play(("Half a",), breaks_off=True), "truncated"), (twice, "malformed")):
        world = World([play], FILES)
        session = await world.start()
        await session.prompt(Prompt("Go."))
        await session.idle()
        assert [it.kind for it in world.events(ModelFailed)] == [kind]
        assert not world.events(ModelReplied)
        check_ended(world.journal.records, session.state)


async def test_prompts_wait_their_turn() -> None:
    world = World([says(Pause("first"), "One."), says("Two."), says("Three.")])
    session = await world.start()
    turns = [await session.prompt(Prompt("First."))]
    await world.model.gate("first").reached.wait()
    turns += [await session.prompt(Prompt("Second.")), await session.prompt(Prompt("Third."))]
    world.model.gate("first").go.set()
    await session.idle()
    assert [it.turn_id for it in world.events(TurnEnded)] == turns
    said = [
        it.text
        for it in session.state.conversation.messages
        if isinstance(it, UserMessage | AssistantMessage)
    ]
    assert said == ["First.", "One.", "Second.", "Two.", "Third.", "Three."]
    check_ended(world.journal.records, session.state)
